// A listening address: takes replicas' connections and deals them out to the threads.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "proxy/event_loop/thread_pool.hpp"
#include "proxy/replica/relay.hpp"

namespace sluice::proxy {

/// All members are used from the pool's first thread.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Binds and listens. Nothing is accepted before run(). The error is a sentence.
  [[nodiscard]] static boost::system::result<std::shared_ptr<Listener>, std::string> open(
      std::shared_ptr<Relay> relay, const ListenAddress& address, ThreadPool& threads);

  /// Accepts until stop(). Nobody is served before the first look at the master is over.
  [[nodiscard]] Task<void> run();
  /// Accepts no more, and frees the port. From the listener's own thread; sessions go on.
  void stop();

  /// Whose replicas connect here from now on.
  void serve(std::shared_ptr<Relay> relay) { relay_ = std::move(relay); }
  [[nodiscard]] const ListenAddress& address() const { return address_; }

 private:
  Listener(std::shared_ptr<Relay> relay, ListenAddress address, ThreadPool& threads);
  Task<void> wait_for_first_look();
  void start_session(Socket socket, std::shared_ptr<const void> share);
  void warn(const boost::system::error_code& error);

  std::shared_ptr<Relay> relay_;
  ListenAddress address_;
  ThreadPool& threads_;
  boost::asio::ip::tcp::acceptor acceptor_;
  Timer pause_;
  boost::system::error_code warned_of_;
  std::chrono::steady_clock::time_point warned_;
};

}  // namespace sluice::proxy
