#include "proxy/tls/tls_error.hpp"

#include <doctest/doctest.h>

#include "unit/proxy/network/connection_ends.hpp"

using namespace sluice::proxy;
using sluice::test::Certificate;
using sluice::test::Ends;
using sluice::test::Key;
using sluice::test::make_certificate;

namespace {

TlsContext make_context(const SSL_METHOD* method, X509& certificate, EVP_PKEY& key) {
  TlsContext context(SSL_CTX_new(method), &SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), &certificate);
  SSL_CTX_use_PrivateKey(context.get(), &key);
  // So that the client hears of a refusal within the handshake.
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  return context;
}

/// A replica, or Sluice towards a master, that shows a certificate to one who wants another.
struct Handshake {
  Ends ends;
  Handshake() {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = make_certificate(*key, -60, 60);
    const auto ours = make_context(TLS_server_method(), *certificate, *key);
    const auto theirs = make_context(TLS_client_method(), *certificate, *key);
    SSL_CTX_set_verify(ours.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    TlsTraffic::watch(*ours);
    TlsTraffic::watch(*theirs);
    const std::string anybody;
    ends.run(
        [&]() -> Task<void> {
          const bool accepted = co_await ends.server->accept_tls(*ours);
          CHECK_FALSE(accepted);
          ends.server->close("refused");
        },
        [&]() -> Task<void> {
          const bool connected = co_await ends.client->connect_tls(*theirs, anybody);
          CHECK_FALSE(connected);
        });
  }
};

}  // namespace

TEST_CASE("who refuses a replica's certificate says which key names its authority") {
  const Handshake handshake;
  CHECK(handshake.ends.server->error().ends_with("name the authority that issued it as client_ca"));
}

TEST_CASE("a certificate that nobody verifies is not blamed for what the other side refuses") {
  const Handshake handshake;
  CHECK(handshake.ends.client->error() ==
        "TLS handshake failed: tlsv1 alert unknown ca; it does not trust the authority of cert");
}
