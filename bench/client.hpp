// What the clients of the benchmarks have in common: whom they connect to, and as whom.
#pragma once

#include <openssl/ssl.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "proxy/master/master_connection.hpp"

namespace sluice::bench {

inline std::int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

/// --host, --port, --user and --tls; the password comes from BENCH_PASSWORD.
struct ClientOptions {
  proxy::MasterConfig master;
  bool tls = false;

  void add_to(CLI::App& app) {
    master.host = "127.0.0.1";
    app.add_option("--host", master.host);
    app.add_option("--port", master.port)->required();
    app.add_option("--user", master.user);
    app.add_flag("--tls", tls);
  }

  [[nodiscard]] proxy::MasterTarget target() {
    const char* const password = std::getenv("BENCH_PASSWORD");
    master.password = auth::Secret(password == nullptr ? "" : password);
    master.tls.mode = tls ? proxy::MasterTlsMode::required : proxy::MasterTlsMode::disabled;
    proxy::MasterTarget made{master, nullptr, {}, nullptr};
    if (!tls) return made;
    auto context = proxy::make_tls_context(master.tls);
    if (!context) fail(context.error().text);
    // Each handshake is a full one.
    SSL_CTX_set_session_cache_mode(context->get(), SSL_SESS_CACHE_OFF);
    made.tls = *context;
    return made;
  }
};

}  // namespace sluice::bench
