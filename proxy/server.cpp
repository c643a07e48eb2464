#include "proxy/server.hpp"

#include <csignal>

#include "proxy/replica_session.hpp"
#include "proxy/spawn.hpp"

namespace sluice::proxy {

using boost::system::error_code;

namespace {

constexpr Duration drain_check = std::chrono::milliseconds(20);
/// Sessions whose connections have been closed need no longer.
constexpr Duration ending_time = std::chrono::seconds(1);

}  // namespace

Server::Server(Config config)
    : config_(std::move(config)),
      threads_(config_.threads),
      signals_(threads_.first(), SIGTERM, SIGINT),
      drain_timer_(threads_.first()) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
}

std::string Server::open() {
  for (RelayConfig& config : config_.relays) {
    auto relay = Relay::make(std::move(config));
    if (!relay) return relay.error();
    (*relay)->log_warnings();
    relays_.push_back(*relay);
    for (const ListenAddress& address : (*relay)->config().listen) {
      auto listener = Listener::open(*relay, address, threads_);
      if (!listener) return listener.error();
      listeners_.push_back(*listener);
    }
    probes_.push_back(std::make_shared<MasterProbe>(*relay, threads_.first().get_executor()));
  }
  return {};
}

void Server::run() {
  for (const auto& probe : probes_) {
    spawn(threads_.first(), [probe] { return probe->run(); });
  }
  for (const auto& listener : listeners_) {
    spawn(threads_.first(), [listener] { return listener->run(); });
  }
  wait_for_signal();
  threads_.run();
  log::info("stopped");
}

void Server::wait_for_signal() {
  signals_.async_wait([this](error_code error, int signal) {
    if (error) return;
    log::info("signal", {{"name", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    if (phase_ == Phase::serving) {
      drain();
    } else {
      end_sessions("ended by a second signal");
    }
    wait_for_signal();
  });
}

void Server::drain() {
  phase_ = Phase::draining;
  drain_until_ = std::chrono::steady_clock::now() + config_.shutdown_grace;
  for (const auto& listener : listeners_) listener->stop();
  for (const auto& probe : probes_) probe->stop();
  for (const auto& relay : relays_) {
    for (const auto& session : relay->sessions().all()) session->drain();
  }
  check_drained();
}

void Server::end_sessions(const std::string& reason) {
  phase_ = Phase::ending;
  drain_until_ = std::chrono::steady_clock::now() + ending_time;
  for (const auto& relay : relays_) {
    for (const auto& session : relay->sessions().all()) session->kill(reason);
  }
}

void Server::check_drained() {
  std::size_t left = 0;
  for (const auto& relay : relays_) left += relay->sessions().size();
  const bool late = std::chrono::steady_clock::now() >= drain_until_;
  if (left == 0 || (late && phase_ == Phase::ending)) return threads_.stop();
  if (late) {
    log::warn("the time to drain is over", {{"sessions", left}});
    end_sessions("not drained in time");
  }
  drain_timer_.expires_after(drain_check);
  drain_timer_.async_wait([this](error_code error) {
    if (!error) check_drained();
  });
}

}  // namespace sluice::proxy
