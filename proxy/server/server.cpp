#include "proxy/server/server.hpp"

#include <algorithm>
#include <csignal>

#include "proxy/replica/replica_session.hpp"

namespace sluice::proxy {

using boost::system::error_code;

namespace {

constexpr Duration drain_check = std::chrono::milliseconds(20);
/// Sessions whose connections have been closed need no longer.
constexpr Duration ending_time = std::chrono::seconds(1);

/// From here on the program ends, whatever signal comes, with the exit status it would have
/// without. Destroying a signal_set brings back the signals' default action, which is deadly.
void end_undisturbed() {
  sigset_t all{};
  sigemptyset(&all);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&all, signal);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Server::Server(Config config, std::filesystem::path path)
    : config_(std::move(config)),
      path_(std::move(path)),
      threads_(config_.threads),
      end_signals_(threads_.first(), SIGTERM, SIGINT),
      reload_signal_(threads_.first(), SIGHUP),
      drain_timer_(threads_.first()) {}

std::vector<std::string> Server::Problems::all() const {
  std::vector<std::string> both = configuration;
  both.insert(both.end(), addresses.begin(), addresses.end());
  return both;
}

Server::Problems Server::open() {
  Problems problems;
  Generation first = prepare(std::move(config_.relays), problems);
  open_admin(problems);
  if (!problems.empty()) return problems;
  for (const auto& relay : first.relays) relay->log_warnings();
  (void)adopt(std::move(first));
  return problems;
}

void Server::open_admin(Problems& problems) {
  if (!config_.admin) return;
  auto tls = admin::AdminServer::make_tls(*config_.admin);
  if (!tls) {
    problems.configuration.push_back(tls.error());
    return;
  }
  auto opened =
      admin::AdminServer::open(*config_.admin, *std::move(tls), sessions_, metrics_, threads_);
  if (opened) {
    admin_ = *std::move(opened);
  } else {
    problems.addresses.push_back(opened.error());
  }
}

void Server::run() {
  if (admin_) admin_->start();
  manager_.ready(summary());
  wait_for_signal(end_signals_);
  wait_for_signal(reload_signal_);
  threads_.run();
  if (admin_) admin_->stop();
  end_undisturbed();
  log::info("stopped");
}

/// One line for the service manager.
std::string Server::summary() const {
  const std::size_t relays = now_.relays.size();
  std::string text = "serves " + std::to_string(relays) + (relays == 1 ? " relay" : " relays");
  if (!refused_.empty()) {
    text += "; the configuration was not loaded anew, the log says all of why: " + refused_;
  }
  std::ranges::replace(text, '\n', ' ');
  return text;
}

void Server::wait_for_signal(boost::asio::signal_set& signals) {
  signals.async_wait([this, &signals](error_code error, int signal) {
    if (error) return;
    wait_for_signal(signals);  // first: the other may throw, for want of memory
    on_signal(signal);
  });
}

void Server::on_signal(int signal) {
  const char* const name = signal == SIGTERM ? "SIGTERM" : signal == SIGINT ? "SIGINT" : "SIGHUP";
  log::info("signal", {{"name", name}});
  if (signal == SIGHUP) {
    if (phase_ == Phase::serving) reload();
  } else if (phase_ == Phase::serving) {
    drain();
  } else if (phase_ == Phase::draining) {
    // Later ones change nothing, least of all when it is over.
    end_sessions("ended by a second signal");
    check_drained();  // anew: for want of memory the first may have ended in an exception
  }
}

void Server::drain() {
  phase_ = Phase::draining;
  manager_.stopping("sessions finish their transactions");
  if (admin_) admin_->set_draining();
  drain_until_ = std::chrono::steady_clock::now() + config_.shutdown_grace;
  for (const auto& place : now_.places) place.listener->stop();
  for (const auto& probe : now_.probes) probe->stop();
  for (const auto& session : sessions_->all()) session->drain("drained");
  check_drained();
}

void Server::end_sessions(const std::string& reason) {
  phase_ = Phase::ending;
  drain_until_ = std::chrono::steady_clock::now() + ending_time;
  for (const auto& session : sessions_->all()) session->kill(reason);
}

void Server::check_drained() {
  const std::size_t left = sessions_->size();
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
