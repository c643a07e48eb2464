// What held a password is wiped before its memory is given back.
#include <doctest/doctest.h>
#include <malloc.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

#include <algorithm>
#include <string>

#include "protocol/auth/client_login.hpp"
#include "protocol/auth/rsa_password.hpp"
#include "protocol/auth/sha256_crypt.hpp"
#include "protocol/openssl_ptr.hpp"
#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/packet.hpp"
#include "unit/heap.hpp"

#ifdef SLUICE_TESTS_HAVE_OWN_HEAP

namespace {

using namespace sluice;
using namespace sluice::auth;

thread_local const char* looked_for = nullptr;
thread_local int found = 0;

void look_into(void* block) {
  const std::size_t size = malloc_usable_size(block);
  if (memmem(block, size, looked_for, strlen(looked_for)) != nullptr) ++found;
}

/// How many blocks that were given back held it.
template <typename Work>
int left_behind(const char* password, const Work& work) {
  found = 0;
  looked_for = password;
  test::look_into_freed = look_into;
  work();
  test::look_into_freed = nullptr;
  return found;
}

std::string a_public_key() {
  const OpensslPtr<EVP_PKEY, EVP_PKEY_free> key(EVP_RSA_gen(2048));
  const OpensslPtr<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PUBKEY(bio.get(), key.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

/// Over TLS, to a master whose default is this plugin.
void log_in(const char* password, const char* plugin) {
  ClientLoginOptions options;
  options.user = "relay";
  options.password = Secret(password);
  options.tls = true;
  ClientLogin login(std::move(options));
  wire::Greeting greeting;
  greeting.server_version = "9.7.4";
  greeting.nonce = "01234567890123456789";
  greeting.capabilities = wire::offered_to_replicas(false, true);
  greeting.auth_plugin = plugin;
  Buffer packet, out;
  serialize(greeting, packet);
  REQUIRE(login.receive(packet, out) == ClientLogin::Want::start_tls);
  // Or nothing would have to be wiped.
  bool said = false;
  const auto look = [&out, &said, password] {
    said = said || memmem(out.data(), out.size(), password, strlen(password)) != nullptr;
  };
  out.clear();
  (void)login.tls_started(out);
  look();
  OPENSSL_cleanse(out.data(), out.size());
  out.clear();
  Buffer full_authentication;
  const char four = 4;
  wire::serialize_auth_more_data({&four, 1}, full_authentication);
  (void)login.receive(full_authentication, out);
  look();
  OPENSSL_cleanse(out.data(), out.size());
  CHECK(said);
}

}  // namespace

TEST_CASE("no password is left behind in memory") {
  const std::string key = a_public_key();
  // A short one fits into a string itself.
  for (const char* const password : {"abcdefghijkl", "abcdefghijklmnopqrstuvwx"}) {
    CAPTURE(password);
    CHECK(left_behind(password, [&] { const std::string plain(24, 'x'); }) == 0);
    CHECK(left_behind(password,
                      [&] { const std::string plain = std::string(40, ' ') + password; }) > 0);
    CHECK(left_behind(password, [&] {
            (void)sha256_crypt(Secret(password), "01234567890123456789", 5000);
          }) == 0);
    CHECK(left_behind(password, [&] {
            CHECK(encrypt_password(Secret(password), "01234567890123456789", key));
          }) == 0);
    for (const char* const plugin : {"caching_sha2_password", "sha256_password"}) {
      CAPTURE(plugin);
      CHECK(left_behind(password, [&] { log_in(password, plugin); }) == 0);
    }
  }
}

TEST_CASE("no password is left behind by a login that comes in pieces") {
  const char* const password = "abcdefghijklmnopqrstuvwx";
  const std::string payload = "a login with " + std::string(password) + std::string(3000, ' ');
  Buffer packet;
  std::uint8_t sequence = 0;
  wire::append_packet(packet,
                      Bytes(reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()),
                      sequence);
  CHECK(left_behind(password, [&] {
          wire::PacketAssembler assembler(1 << 16);
          Bytes rest = packet;
          while (!rest.empty()) {
            const auto step = assembler.feed(rest.first(std::min<std::size_t>(50, rest.size())));
            rest = rest.subspan(step.consumed);
          }
          CHECK(assembler.payload().size() == payload.size());
        }) == 0);
}

#endif
