#include "proxy/admin/gathering.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <mutex>

#include "proxy/replica_session.hpp"

namespace sluice::proxy::admin {

namespace asio = boost::asio;

namespace {

/// Filled by the sessions' threads; the last one wakes who waits.
struct Gathered {
  std::mutex mutex;
  std::vector<SessionStatus> statuses;
  std::size_t missing = 0;

  /// Whether it was the last.
  bool add(SessionStatus status) {
    const std::lock_guard lock(mutex);
    statuses.push_back(std::move(status));
    return --missing == 0;
  }
};

}  // namespace

Task<std::vector<SessionStatus>> gather(const SessionRegistry& sessions, Duration patience) {
  const auto executor = co_await asio::this_coro::executor;
  auto all = sessions.all();
  std::vector<SessionStatus> nothing;
  if (all.empty()) co_return nothing;
  const auto gathered = std::make_shared<Gathered>();
  gathered->missing = all.size();
  // Of this thread alone: a session's thread may be the last to know of what it was asked.
  const auto wake = std::make_shared<Timer>(executor, patience);
  for (const auto& session : all) {
    session->post([gathered, executor, weak = std::weak_ptr(wake)](const ReplicaSession& self) {
      if (!gathered->add(self.status())) return;
      asio::post(executor, [weak] {
        if (const auto timer = weak.lock()) timer->cancel();
      });
    });
  }
  all.clear();  // or one might live on here when its thread is gone
  boost::system::error_code cancelled;
  co_await wake->async_wait(asio::redirect_error(use_task, cancelled));
  const std::lock_guard lock(gathered->mutex);
  co_return std::move(gathered->statuses);
}

}  // namespace sluice::proxy::admin
