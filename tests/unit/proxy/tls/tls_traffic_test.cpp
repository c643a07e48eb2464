#include "proxy/tls/tls_traffic.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "unit/protocol/tls/tls_support.hpp"
#include "unit/proxy/tls/self_signed.hpp"

namespace sluice::test {
namespace {

using proxy::TlsTraffic;
using Context = OpensslPtr<SSL_CTX, SSL_CTX_free>;
using Ssl = OpensslPtr<SSL, SSL_free>;

/// OpenSSL on both sides of a handshake, one of them followed.
struct Scene {
  Key key{EVP_EC_gen("P-256")};
  Certificate certificate = make_certificate(*key, -60, 60);
  Context server_context{SSL_CTX_new(TLS_server_method())};
  Context client_context{SSL_CTX_new(TLS_client_method())};
  bool followed_is_server;
  proxy::TlsSocket unused{-1};
  TlsTraffic traffic;
  Ssl followed, other;
  BIO* wire = nullptr;  // the end of the followed one

  explicit Scene(bool server) : followed_is_server(server) {
    SSL_CTX_use_certificate(server_context.get(), certificate.get());
    SSL_CTX_use_PrivateKey(server_context.get(), key.get());
    TlsTraffic::watch(server ? *server_context : *client_context);
  }

  /// `session`: what the client offers to resume.
  void shake_hands(SSL_SESSION* session = nullptr) {
    followed.reset(SSL_new(followed_is_server ? server_context.get() : client_context.get()));
    other.reset(SSL_new(followed_is_server ? client_context.get() : server_context.get()));
    BIO* end = nullptr;
    REQUIRE(BIO_new_bio_pair(&wire, 1 << 20, &end, 1 << 20) == 1);
    SSL_set_bio(followed.get(), wire, wire);
    SSL_set_bio(other.get(), end, end);
    SSL* const server = followed_is_server ? followed.get() : other.get();
    SSL* const client = followed_is_server ? other.get() : followed.get();
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    if (session != nullptr) REQUIRE(SSL_set_session(client, session) == 1);
    traffic.attach(*followed, unused);
    for (int turn = 0; turn < 4; ++turn) {
      SSL_do_handshake(client);
      SSL_do_handshake(server);
    }
    REQUIRE(SSL_is_init_finished(client) == 1);
    REQUIRE(SSL_is_init_finished(server) == 1);
  }

  /// As the login does, through OpenSSL on both sides.
  void talk() const {
    char text[16] = {};
    for (const auto& [from, to] : {std::pair{&other, &followed}, std::pair{&followed, &other}}) {
      REQUIRE(SSL_write(from->get(), "hello", 5) == 5);
      REQUIRE(SSL_read(to->get(), text, sizeof text) == 5);
      CHECK(std::strcmp(text, "hello") == 0);
    }
  }

  [[nodiscard]] Buffer received() const {
    Buffer bytes(1 << 20);
    const int size = BIO_read(wire, bytes.data(), static_cast<int>(bytes.size()));
    bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return bytes;
  }
  void send(const Buffer& bytes) const {
    REQUIRE(BIO_write(wire, bytes.data(), static_cast<int>(bytes.size())) ==
            static_cast<int>(bytes.size()));
  }
  [[nodiscard]] Buffer read_by_other(std::size_t most) const {
    Buffer bytes(most);
    std::size_t size = 0;
    std::size_t read = 0;
    while (SSL_read_ex(other.get(), bytes.data() + size, most - size, &read) == 1) size += read;
    bytes.resize(size);
    return bytes;
  }

  /// Much in both directions, the followed one's through `stream`.
  void exchange(tls::RecordStream& stream) const {
    const Buffer plain = some_bytes(100000);
    send(pack_all(stream, plain));
    CHECK(read_by_other(plain.size() + 1) == plain);
    REQUIRE(SSL_write(other.get(), plain.data(), static_cast<int>(plain.size())) > 0);
    CHECK(feed(stream, received(), 7777) == plain);
    CHECK_FALSE(stream.ended());
  }
};

}  // namespace

TEST_CASE("TLS traffic is taken over from OpenSSL: each suite, as server and as client") {
  for (const bool server : {true, false}) {
    for (const char* const suite :
         {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}) {
      for (const std::size_t tickets : {0U, 1U, 2U}) {
        CAPTURE(server);
        CAPTURE(suite);
        CAPTURE(tickets);
        for (const int talks : {0, 2}) {
          CAPTURE(talks);
          Scene scene(server);
          SSL_CTX_set_ciphersuites(scene.client_context.get(), suite);
          SSL_CTX_set_num_tickets(scene.server_context.get(), tickets);
          scene.shake_hands();
          for (int talk = 0; talk < talks; ++talk) scene.talk();
          auto stream = scene.traffic.take_over(*scene.followed);
          REQUIRE(stream);
          scene.exchange(*stream);
          scene.exchange(*stream);
        }
      }
    }
  }
}

TEST_CASE("TLS traffic is taken over of a session that is resumed") {
  for (const bool server : {true, false}) {
    CAPTURE(server);
    Scene scene(server);
    scene.shake_hands();
    scene.talk();
    const OpensslPtr<SSL_SESSION, SSL_SESSION_free> session(
        SSL_get1_session(server ? scene.other.get() : scene.followed.get()));
    SSL_shutdown(scene.followed.get());  // what is cut off is not resumed
    SSL_shutdown(scene.other.get());
    scene.shake_hands(session.get());
    CHECK(SSL_session_reused(scene.followed.get()) == 1);
    auto stream = scene.traffic.take_over(*scene.followed);
    REQUIRE(stream);
    scene.exchange(*stream);
  }
}

TEST_CASE("TLS traffic: OpenSSL as the peer changes keys, and is asked to") {
  for (const bool server : {true, false}) {
    CAPTURE(server);
    Scene scene(server);
    scene.shake_hands();
    auto stream = scene.traffic.take_over(*scene.followed);
    REQUIRE(stream);
    for (const int kind : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
      REQUIRE(SSL_key_update(scene.other.get(), kind) == 1);
      scene.exchange(*stream);  // ours goes first, with the old keys
      scene.exchange(*stream);
    }
  }
}

TEST_CASE("TLS traffic: both ends close") {
  Scene scene(true);
  scene.shake_hands();
  auto stream = scene.traffic.take_over(*scene.followed);
  REQUIRE(stream);
  scene.exchange(*stream);
  SSL_shutdown(scene.other.get());
  CHECK(feed(*stream, scene.received()).empty());
  CHECK(stream->ended());
  CHECK(stream->error().empty());
  REQUIRE(stream->pack_alert());
  scene.send({stream->outgoing().begin(), stream->outgoing().end()});
  CHECK(SSL_shutdown(scene.other.get()) == 1);
}

TEST_CASE("TLS traffic that stays with OpenSSL") {
  SUBCASE("TLS 1.2") {
    Scene scene(true);
    SSL_CTX_set_max_proto_version(scene.client_context.get(), TLS1_2_VERSION);
    scene.shake_hands();
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
  SUBCASE("a suite of another kind") {
    Scene scene(true);
    SSL_CTX_set_ciphersuites(scene.client_context.get(), "TLS_AES_128_CCM_SHA256");
    SSL_CTX_set_ciphersuites(scene.server_context.get(), "TLS_AES_128_CCM_SHA256");
    scene.shake_hands();
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
  SUBCASE("a context that is not watched") {
    Scene scene(false);
    SSL_CTX_set_keylog_callback(scene.client_context.get(), nullptr);
    scene.shake_hands();
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
  SUBCASE("records that are to be small") {
    Scene scene(true);
    SSL_CTX_set_tlsext_max_fragment_length(scene.client_context.get(),
                                           TLSEXT_max_fragment_length_512);
    scene.shake_hands();
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
  SUBCASE("an end that the peer has said") {
    Scene scene(true);
    scene.shake_hands();
    SSL_shutdown(scene.other.get());
    char byte = 0;
    REQUIRE(SSL_read(scene.followed.get(), &byte, 1) == 0);
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
  SUBCASE("a key that has been changed") {
    Scene scene(false);
    scene.shake_hands();
    REQUIRE(SSL_key_update(scene.other.get(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    scene.talk();
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
  SUBCASE("bytes that it has received and not given on") {
    Scene scene(false);
    scene.shake_hands();
    REQUIRE(SSL_write(scene.other.get(), "hello", 5) == 5);
    char byte = 0;
    REQUIRE(SSL_read(scene.followed.get(), &byte, 1) == 1);
    CHECK_FALSE(scene.traffic.take_over(*scene.followed));
  }
}

}  // namespace sluice::test
