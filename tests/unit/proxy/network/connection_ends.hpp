// Two connections over a real socket, for tests of what is above it.
#pragma once

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>

#include "proxy/event_loop/spawn.hpp"
#include "proxy/network/connection.hpp"
#include "proxy/tls/tls_context.hpp"
#include "unit/proxy/tls/self_signed.hpp"

namespace sluice::test {

/// Both ends of a connection, on one thread.
struct Ends {
  boost::asio::io_context thread{1};
  std::shared_ptr<proxy::Connection> client, server;

  Ends() {
    boost::asio::ip::tcp::acceptor acceptor(thread, {boost::asio::ip::address_v4::loopback(), 0});
    proxy::Socket socket(thread);
    socket.connect(acceptor.local_endpoint());
    client = std::make_shared<proxy::Connection>(std::move(socket));
    proxy::Socket accepted(thread);
    acceptor.accept(accepted);
    server = std::make_shared<proxy::Connection>(std::move(accepted));
  }

  /// Until none of them goes on.
  template <typename... Functions>
  void run(Functions... functions) {
    auto executor = thread.get_executor();
    (proxy::spawn(executor, "test", functions), ...);
    thread.restart();
    thread.run();
  }

  /// How often others of the thread have their turn while the server reads, until `size` is not 0.
  template <typename Reading>
  std::size_t turns_beside(const std::size_t& size, Reading reading) {
    std::size_t turns = 0;
    run(reading, [&]() -> proxy::Task<void> {
      while (size == 0 && server->error().empty()) {
        ++turns;
        co_await boost::asio::post(proxy::use_task);
      }
    });
    return turns;
  }

  void start_tls(int version = TLS1_3_VERSION) {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = make_certificate(*key, -60, 60);
    const proxy::TlsContext ours(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    const proxy::TlsContext theirs(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_use_certificate(ours.get(), certificate.get());
    SSL_CTX_use_PrivateKey(ours.get(), key.get());
    SSL_CTX_set_max_proto_version(ours.get(), version);
    proxy::TlsTraffic::watch(*ours);
    proxy::TlsTraffic::watch(*theirs);
    const std::string anybody;
    bool accepted = false;
    bool connected = false;
    run([&]() -> proxy::Task<void> { accepted = co_await server->accept_tls(*ours); },
        [&]() -> proxy::Task<void> { connected = co_await client->connect_tls(*theirs, anybody); });
    REQUIRE(accepted);
    REQUIRE(connected);
  }

  /// With TLS, and both taken over from OpenSSL.
  void start_streaming() {
    start_tls();
    for (const auto& end : {client, server}) {
      end->start_streaming();
      REQUIRE(end->tls() == nullptr);
    }
  }
};

}  // namespace sluice::test
