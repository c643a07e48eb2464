#include "proxy/admin/admin_server.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include "proxy/admin/http_connection.hpp"
#include "proxy/base/list_text.hpp"
#include "proxy/config/config_values.hpp"
#include "proxy/event_loop/spawn.hpp"
#include "proxy/network/acceptor.hpp"
#include "proxy/network/peer_address.hpp"
#include "proxy/tls/context_certificates.hpp"

namespace sluice::proxy::admin {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// A browser opens six for the page and keeps them for a minute, Prometheus one.
constexpr std::size_t max_connections = 64;
constexpr Duration between_snapshots = std::chrono::seconds(1);
/// For the peers of WebSockets to hear that it ends.
constexpr Duration goodbye_time = std::chrono::seconds(1);
/// Below the relays' threads.
constexpr int niceness = 10;

}  // namespace

AdminServer::AdminServer(const AdminConfig& config, std::shared_ptr<SessionRegistry> sessions,
                         std::shared_ptr<Metrics> metrics, const ThreadPool& threads)
    : acceptor_(context_), pause_(context_) {
  knowledge_.config = config;
  knowledge_.sessions = std::move(sessions);
  knowledge_.metrics = std::move(metrics);
  knowledge_.threads = ThreadWatch(threads.executors());
}

void AdminServer::stop() {
  if (!thread_.joinable()) return;  // not started, or stopped before
  asio::post(context_, [this] { knowledge_.sockets->end_all("Sluice ends"); });
  for (auto left = goodbye_time; left.count() > 0 && knowledge_.sockets->size() > 0; --left) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  context_.stop();
  thread_.join();
}

boost::system::result<std::unique_ptr<AdminServer>, std::string> AdminServer::open(
    const AdminConfig& config, TlsContext tls, std::shared_ptr<SessionRegistry> sessions,
    std::shared_ptr<Metrics> metrics, const ThreadPool& threads) {
  std::unique_ptr<AdminServer> server(
      new AdminServer(config, std::move(sessions), std::move(metrics), threads));
  server->show(std::move(tls));
  const std::string why = listen_on(server->acceptor_, config.listen);
  if (!why.empty()) return "admin: " + why;
  return server;
}

boost::system::result<TlsContext, std::string> AdminServer::make_tls(const AdminConfig& config) {
  if (config.cert.empty()) return TlsContext();
  ReplicaTls tls;
  tls.cert = config.cert;
  tls.key = config.key;
  auto made = make_tls_context(tls);
  if (!made) return "admin: " + made.error().text;
  return *std::move(made);
}

void AdminServer::start() {
  keep_running(context_, "admin interface", [this] { return accept(); });
  keep_running(context_, "snapshots", [this] { return take_snapshots(); });
  thread_ = std::thread([this] {
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
    run_to_the_end(context_);
  });
}

void AdminServer::set_config(AdminConfig config, TlsContext tls) {
  asio::post(context_, [this, config = std::move(config), tls = std::move(tls)]() mutable {
    const AdminConfig before = std::exchange(knowledge_.config, std::move(config));
    const AdminConfig& now = knowledge_.config;
    std::string changed;
    const auto note = [&changed](std::string_view what) { add_to_list(changed, what); };
    if (before.token != now.token) note("the token");
    if (before.tap != now.tap) note("tap");
    // Who taps has shown the old token, and was promised what the old rule lets through.
    if (!changed.empty()) knowledge_.sockets->end_all("the configuration of [admin] has changed");
    if (!is_same_certificate(tls_, tls)) {
      note("the certificate");
      show(std::move(tls));
    }
    if (!changed.empty()) log::info("admin interface changed", {{"changed", changed}});
  });
}

void AdminServer::show(TlsContext tls) {
  tls_ = std::move(tls);
  const auto expiry = tls_ ? certificate_expiry(tls_) : std::nullopt;
  knowledge_.metrics->set_admin_certificate_expiry(expiry);
  if (const std::string problem = certificate_problem(tls_); !problem.empty()) {
    log::warn("the certificate must be renewed", {{"leg", "admin"}, {"reason", problem}});
  }
}

void AdminServer::set_relays(std::vector<std::shared_ptr<Relay>> relays) {
  asio::post(context_, [this, relays = std::move(relays)] {
    for (const auto& before : knowledge_.relays) {
      const bool stays = std::ranges::any_of(
          relays, [&](const auto& relay) { return relay->config().name == before->config().name; });
      if (!stays) before->metrics().forget_sessions();
    }
    knowledge_.relays = relays;
  });
}

void AdminServer::set_draining() {
  asio::post(context_, [this] { knowledge_.snapshot.draining = true; });
}

Task<void> AdminServer::accept() {
  log::info("admin interface", {{"address", to_text(knowledge_.config.listen)},
                                {"tls", tls_ != nullptr},
                                {"token", !knowledge_.config.token.empty()}});
  for (;;) {
    error_code error;
    Socket socket(context_);
    co_await acceptor_.async_accept(socket, asio::redirect_error(use_task, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, most likely.
      pause_.expires_after(std::chrono::milliseconds(100));
      co_await pause_.async_wait(asio::redirect_error(use_task, error));
      continue;
    }
    // Closed as it came, unless one that has shown no token can make room.
    if (connections_ >= max_connections &&
        !knowledge_.strangers->make_room_for(network_of(endpoints_of(socket).peer))) {
      continue;
    }
    ++connections_;
    const auto one = std::shared_ptr<void>(nullptr, [this](void*) { --connections_; });
    spawn(context_, "HTTP connection",
          [this, one, tls = tls_, moved = std::make_shared<Socket>(std::move(socket))] {
            return serve_http(std::move(*moved), tls.get(), knowledge_);
          });
  }
}

Task<void> AdminServer::take_snapshots() {
  Timer timer(context_);
  for (;;) {
    knowledge_.threads.look(std::chrono::steady_clock::now());
    auto gathered = co_await gathering_.gather(*knowledge_.sessions, between_snapshots);
    keep_silent(knowledge_.snapshot, gathered.silent, gathered.answers);
    knowledge_.snapshot =
        make_snapshot(knowledge_.snapshot, knowledge_.relays, std::move(gathered.answers),
                      std::chrono::system_clock::now());
    update_metrics();
    timer.expires_after(between_snapshots);
    error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(use_task, cancelled));
  }
}

void AdminServer::update_metrics() {
  for (const auto& relay : knowledge_.snapshot.relays) {
    auto& metrics = relay.relay->metrics();
    metrics.set_sessions(relay.logging_in, relay.idle, relay.streaming);
    metrics.set_behind(relay.streaming > 0
                           ? std::optional(std::chrono::duration<double>(relay.seconds_behind))
                           : std::nullopt);
    metrics.set_bytes_behind(relay.bytes_behind);
  }
}

}  // namespace sluice::proxy::admin
