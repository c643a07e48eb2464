#include "proxy/admin/gathering.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <utility>

#include "proxy/replica/replica_session.hpp"

namespace sluice::proxy::admin {

namespace asio = boost::asio;

/// Filled by the sessions' threads; the last one of a round wakes who waits.
struct Gathering::Shared {
  std::mutex mutex;
  std::set<std::uint32_t> asked;  // and have not answered
  std::map<std::uint32_t, SessionStatus> answers;
  std::uint64_t round = 0;
  std::size_t missing = 0;  // of this round

  /// Whether it was the last of its round.
  bool answer(const ReplicaSession& session, std::uint64_t its_round) {
    std::optional<SessionStatus> status;
    try {
      status = session.status();
    } catch (const std::bad_alloc&) {  // it is left out this time, and asked again the next
    }
    const std::lock_guard lock(mutex);
    asked.erase(session.thread_id());
    const bool last = its_round == round && --missing == 0;
    if (status) answers.insert_or_assign(session.thread_id(), *std::move(status));
    return last;
  }

  Result take() {
    const std::lock_guard lock(mutex);
    Result result;
    for (const auto id : asked) {
      if (!answers.contains(id)) result.silent.push_back(id);
    }
    for (auto& [id, status] : std::exchange(answers, {})) {
      result.answers.push_back(std::move(status));
    }
    return result;
  }
};

Task<Gathering::Result> Gathering::gather(const SessionRegistry& sessions, Duration patience) {
  if (!shared_) shared_ = std::make_shared<Shared>();
  const auto executor = co_await asio::this_coro::executor;
  // Of this thread alone: a session's thread may be the last to know of what it was asked.
  const auto wake = std::make_shared<Timer>(executor, patience);
  bool waits = false;
  {
    const auto all = sessions.all();
    const std::lock_guard lock(shared_->mutex);
    ++shared_->round;
    shared_->missing = 0;
    for (const auto& session : all) {
      const auto id = session->thread_id();
      if (shared_->asked.contains(id)) continue;
      session->post([shared = shared_, round = shared_->round, executor,
                     weak = std::weak_ptr(wake)](const ReplicaSession& self) {
        if (!shared->answer(self, round)) return;
        asio::post(executor, [weak] {
          if (const auto timer = weak.lock()) timer->cancel();
        });
      });
      ++shared_->missing;
      shared_->asked.insert(id);
      waits = true;
    }
  }
  boost::system::error_code cancelled;
  if (waits) co_await wake->async_wait(asio::redirect_error(use_task, cancelled));
  co_return shared_->take();
}

}  // namespace sluice::proxy::admin
