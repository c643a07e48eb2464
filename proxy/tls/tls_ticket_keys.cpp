#include "proxy/tls/tls_ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <new>

#include "proxy/tls/context_data.hpp"

namespace sluice::proxy {
namespace {

bool fill(std::span<std::uint8_t> bytes) {
  return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

bool start_mac(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 3> parameters{
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
}

/// The results are those of SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac, int seals) {
  constexpr int failed = -1, unknown = 0, good = 1, good_and_replaced = 2;
  TicketKeys* const keys = ContextData<TicketKeys>::of(*ssl);
  const auto now = TicketKeys::Clock::now();
  const EVP_CIPHER* const kind = EVP_aes_256_cbc();
  if (seals == 1) {
    auto key = keys->newest(now);
    if (!key || !fill({iv, static_cast<std::size_t>(EVP_CIPHER_get_iv_length(kind))}) ||
        EVP_EncryptInit_ex2(cipher, kind, key->cipher.data(), iv, nullptr) != 1 ||
        !start_mac(mac, *key)) {
      return failed;
    }
    std::ranges::copy(key->name, name);
    return good;
  }
  auto key = keys->find({name, TicketKeys::Name{}.size()}, now);
  if (!key) return unknown;
  if (EVP_DecryptInit_ex2(cipher, kind, key->cipher.data(), iv, nullptr) != 1 ||
      !start_mac(mac, *key)) {
    return failed;
  }
  // With TLS 1.3 a client uses each but once (RFC 8446, appendix C.4).
  const bool is_last =
      SSL_version(ssl) == TLS1_3_VERSION || now - key->made >= TicketKeys::renewed_after;
  return is_last ? good_and_replaced : good;
}

}  // namespace

TicketKeys::Key::~Key() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

std::optional<TicketKeys::Key> TicketKeys::newest(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  if (keys_.empty() || now - keys_.front().made >= renewed_after) {
    Key key;
    key.made = now;
    if (!fill(key.name) || !fill(key.cipher) || !fill(key.mac)) return std::nullopt;
    try {
      keys_.push_front(key);
    } catch (
        const std::bad_alloc&) {  // not through OpenSSL's own functions, which have called this
      return std::nullopt;
    }
  }
  return keys_.front();
}

std::optional<TicketKeys::Key> TicketKeys::find(std::span<const std::uint8_t> name,
                                                Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  forget(now);
  const auto found = std::ranges::find_if(
      keys_, [&](const Key& key) { return std::ranges::equal(key.name, name); });
  return found == keys_.end() ? std::nullopt : std::optional(*found);
}

/// The last ticket of a key may have been given an hour after the key was made.
void TicketKeys::forget(Clock::time_point now) {
  while (!keys_.empty() && now - keys_.back().made >= renewed_after + ticket_lifetime) {
    keys_.pop_back();
  }
}

void use_ticket_keys(SSL_CTX& context) {
  // Else OpenSSL's own key stays in use.
  if (!ContextData<TicketKeys>::give(context)) return;
  SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, on_ticket);
}

}  // namespace sluice::proxy
