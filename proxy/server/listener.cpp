#include "proxy/server/listener.hpp"

#include <boost/asio/redirect_error.hpp>

#include "proxy/config/config_values.hpp"
#include "proxy/event_loop/spawn.hpp"
#include "proxy/network/acceptor.hpp"
#include "proxy/replica/replica_session.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using boost::system::error_code;

Listener::Listener(std::shared_ptr<Relay> relay, ListenAddress address, ThreadPool& threads)
    : relay_(std::move(relay)),
      address_(std::move(address)),
      threads_(threads),
      acceptor_(threads.first()),
      pause_(threads.first()) {}

boost::system::result<std::shared_ptr<Listener>, std::string> Listener::open(
    std::shared_ptr<Relay> relay, const ListenAddress& address, ThreadPool& threads) {
  const std::string name = relay->config().name;
  std::shared_ptr<Listener> listener(new Listener(std::move(relay), address, threads));
  const std::string why = listen_on(listener->acceptor_, address);
  if (!why.empty()) return "relay " + name + ": " + why;
  return listener;
}

Task<void> Listener::run() {
  relay_->log().info("listening", {{"address", to_text(address_)}});
  while (acceptor_.is_open()) {
    error_code error;
    auto place = threads_.next();
    Socket socket(place.context);
    co_await acceptor_.async_accept(socket, asio::redirect_error(use_task, error));
    if (error == asio::error::operation_aborted) co_return;
    if (error) {
      // Out of descriptors, most likely: sessions that end make room.
      warn(error);
      pause_.expires_after(std::chrono::milliseconds(100));
      co_await pause_.async_wait(asio::redirect_error(use_task, error));
      continue;
    }
    co_await wait_for_first_look();
    // Closed meanwhile: one that had been accepted by then is not served, as nobody would end it.
    if (acceptor_.is_open()) start_session(std::move(socket), std::move(place.share));
  }
}

/// Once a second, or when it is another one.
void Listener::warn(const error_code& error) {
  const auto now = std::chrono::steady_clock::now();
  if (error == warned_of_ && now < warned_ + std::chrono::seconds(1)) return;
  warned_of_ = error;
  warned_ = now;
  relay_->log().warn("cannot accept a connection", {{"reason", error.message()}});
}

/// Until the master has been tried, all that a replica could be told is that it was not: for some
/// that is the end, so those of the first moments, and behind a change of the master, wait.
Task<void> Listener::wait_for_first_look() {
  while (acceptor_.is_open() && !relay_->master_was_tried()) {
    error_code stopped;
    pause_.expires_after(std::chrono::milliseconds(5));
    co_await pause_.async_wait(asio::redirect_error(use_task, stopped));
  }
}

void Listener::start_session(Socket socket, std::shared_ptr<const void> share) {
  relay_->metrics().connection_came();
  const auto executor = socket.get_executor();
  auto session = ReplicaSession::make(relay_, std::make_shared<Connection>(std::move(socket)));
  // Known before the relay may change: or it would miss that.
  relay_->sessions().add(session->thread_id(), session);
  spawn(executor, "session", [session, share = std::move(share)] { return session->run(); });
}

void Listener::stop() {
  relay_->log().info("no longer listening", {{"address", to_text(address_)}});
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace sluice::proxy
