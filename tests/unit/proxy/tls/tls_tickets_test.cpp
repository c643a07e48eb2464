#include <doctest/doctest.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "protocol/openssl_ptr.hpp"
#include "proxy/tls/tls_context.hpp"
#include "proxy/tls/tls_resumption.hpp"
#include "proxy/tls/tls_ticket_keys.hpp"
#include "unit/proxy/temp_folder.hpp"
#include "unit/proxy/tls/self_signed.hpp"

using namespace sluice::proxy;
using sluice::OpensslPtr;
using sluice::test::Certificate;
using sluice::test::Key;
using sluice::test::make_certificate;
using sluice::test::pem;
using sluice::test::TempFolder;

namespace {

constexpr long day = 86400;

using Ssl = OpensslPtr<SSL, SSL_free>;
using Session = OpensslPtr<SSL_SESSION, SSL_SESSION_free>;

/// A handshake, and what follows it.
void join(SSL& client, SSL& server) {
  BIO *one = nullptr, *other = nullptr;
  REQUIRE(BIO_new_bio_pair(&one, 0, &other, 0) == 1);
  SSL_set_bio(&client, one, one);
  SSL_set_bio(&server, other, other);
  SSL_set_connect_state(&client);
  SSL_set_accept_state(&server);
  char byte = 0;
  // Reading brings the client its ticket.
  for (int turn = 0; turn < 10; ++turn) {
    SSL_read(&client, &byte, 1);
    SSL_read(&server, &byte, 1);
  }
  REQUIRE(SSL_is_init_finished(&client));
  REQUIRE(SSL_is_init_finished(&server));
  SSL_shutdown(&client);
}

/// A relay's TLS settings that demand a client certificate, and a client that has one.
struct Scene {
  TempFolder folder;
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate;
  ReplicaTls settings;
  TlsContext client{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  Session ticket;

  Scene(int version, long begin, long end) : certificate(make_certificate(*key, begin, end)) {
    folder.write("cert", pem(certificate.get(), nullptr));
    folder.write("key", pem(nullptr, key.get()));
    settings.cert = settings.client_ca = folder.file("cert");
    settings.key = folder.file("key");
    SSL_CTX_use_certificate(client.get(), certificate.get());
    SSL_CTX_use_PrivateKey(client.get(), key.get());
    SSL_CTX_set_max_proto_version(client.get(), version);
    SSL_CTX_set_session_cache_mode(client.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(client.get(), this);
    SSL_CTX_sess_set_new_cb(client.get(), [](SSL* ssl, SSL_SESSION* session) {
      static_cast<Scene*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->ticket.reset(session);
      return 1;
    });
  }

  [[nodiscard]] TlsContext load() const {
    auto context = make_tls_context(settings);
    REQUIRE(context.has_value());
    return *context;
  }

  /// Connects, with the ticket if there is one. Returns whether it was taken.
  bool connect(SSL_CTX& server) {
    const Ssl here(SSL_new(client.get())), there(SSL_new(&server));
    if (ticket) REQUIRE(SSL_set_session(here.get(), ticket.get()) == 1);
    join(*here, *there);
    REQUIRE(ticket != nullptr);
    const Certificate shown(SSL_get1_peer_certificate(there.get()));
    CHECK(shown != nullptr);
    return SSL_session_reused(there.get()) == 1;
  }
};

}  // namespace

TEST_CASE("a ticket resumes a session") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    Scene scene(version, -day, day);
    const TlsContext server = scene.load();
    CHECK_FALSE(scene.connect(*server));
    CHECK(scene.connect(*server));
    CHECK(scene.connect(*server));
  }
}

TEST_CASE("a ticket is sealed with a key that is changed, not with OpenSSL's for the context") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    Scene scene(version, -day, day);
    const TlsContext server = scene.load();
    CHECK_FALSE(scene.connect(*server));
    const unsigned char* ticket = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket(scene.ticket.get(), &ticket, &size);
    std::array<unsigned char, 80> of_context{};  // its name in front
    REQUIRE(SSL_CTX_get_tlsext_ticket_keys(server.get(), of_context.data(), of_context.size()) ==
            1);
    constexpr std::size_t name_size = TicketKeys::Name{}.size();
    REQUIRE(size > name_size);
    CHECK_FALSE(std::equal(ticket, ticket + name_size, of_context.begin()));
  }
}

TEST_CASE("a ticket does not outlive a loading of the certificates") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    Scene scene(version, -day, day);
    CHECK_FALSE(scene.connect(*scene.load()));
    CHECK_FALSE(scene.connect(*scene.load()));
  }
}

TEST_CASE("a ticket does not outlive the client certificate") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    Scene scene(version, -2 * day, -day);
    const TlsContext server = scene.load();
    // The full handshake takes place while it was valid.
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(server.get()), std::time(nullptr) - day - 60);
    CHECK_FALSE(scene.connect(*server));
    CHECK_FALSE(scene.connect(*server));
  }
}

TEST_CASE("a ticket of a server does not outlive its certificate") {
  for (const long end : {day, -day}) {
    CAPTURE(end);
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = make_certificate(*key, -2 * day, end);
    const TlsContext server(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    SSL_CTX_use_certificate(server.get(), certificate.get());
    SSL_CTX_use_PrivateKey(server.get(), key.get());
    const TlsContext client(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    keep_ticket(*client);
    const auto connect = [&] {
      const Ssl here(SSL_new(client.get())), there(SSL_new(server.get()));
      offer_ticket(*here);
      join(*here, *there);
      return SSL_session_reused(here.get()) == 1;
    };
    CHECK_FALSE(connect());
    CHECK(connect() == (end > 0));
    CHECK(connect() == (end > 0));
  }
}
