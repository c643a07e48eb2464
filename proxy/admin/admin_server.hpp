// The admin interface: HTTP on a thread of its own, so that no question delays the relays.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/result.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "proxy/admin/gathering.hpp"
#include "proxy/admin/routes.hpp"
#include "proxy/event_loop/thread_pool.hpp"
#include "proxy/tls/tls_context.hpp"

namespace sluice::proxy::admin {

class AdminServer {
 public:
  /// Binds and listens. `threads`: the relays'. `tls` is that of `config` (make_tls()). The error
  /// is a sentence.
  [[nodiscard]] static boost::system::result<std::unique_ptr<AdminServer>, std::string> open(
      const AdminConfig& config, TlsContext tls, std::shared_ptr<SessionRegistry> sessions,
      std::shared_ptr<Metrics> metrics, const ThreadPool& threads);
  ~AdminServer() { stop(); }
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Serves from now on.
  void start();
  /// Ends its thread.
  void stop();
  /// Of the certificate in the configuration, as the files have it now; null without TLS. The error
  /// is a sentence.
  [[nodiscard]] static boost::system::result<TlsContext, std::string> make_tls(
      const AdminConfig& config);

  // From any thread.
  /// For what is asked from now on, but for its address, which stays. `tls` is that of `config`
  /// (make_tls()). Feeds that run end where another token or another content of taps is wanted.
  void set_config(AdminConfig config, TlsContext tls);
  void set_relays(std::vector<std::shared_ptr<Relay>> relays);
  void set_draining();

 private:
  AdminServer(const AdminConfig& config, std::shared_ptr<SessionRegistry> sessions,
              std::shared_ptr<Metrics> metrics, const ThreadPool& threads);
  /// To connections that come from now on.
  void show(TlsContext tls);
  Task<void> accept();
  Task<void> take_snapshots();
  void update_metrics();

  // Coroutines that go with the context still use these.
  TlsContext tls_;
  Knowledge knowledge_;
  Gathering gathering_;
  std::size_t connections_ = 0;

  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  Timer pause_;
  std::thread thread_;
};

}  // namespace sluice::proxy::admin
