// A listening address of a relay: takes replicas' connections and deals them out to the threads.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "proxy/relay.hpp"
#include "proxy/thread_pool.hpp"

namespace sluice::proxy {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Binds and listens. Nothing is accepted before run(). The error is a sentence.
  [[nodiscard]] static boost::system::result<std::shared_ptr<Listener>, std::string> open(
      std::shared_ptr<Relay> relay, const ListenAddress& address, ThreadPool& threads);

  /// Accepts until stop(), on the pool's first thread.
  [[nodiscard]] Task<void> run();
  void stop();

 private:
  Listener(std::shared_ptr<Relay> relay, ThreadPool& threads);

  std::shared_ptr<Relay> relay_;
  ThreadPool& threads_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
};

}  // namespace sluice::proxy
