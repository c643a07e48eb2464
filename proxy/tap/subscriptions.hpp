// Who taps, and whom.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "proxy/tap/tap_filter.hpp"
#include "proxy/tap/tap_queue.hpp"

namespace sluice::proxy::tap {

/// One reader. For all threads.
struct Subscription {
  Subscription(TapFilter wanted, bool content_allowed)
      : filter(std::move(wanted)), with_content(content_allowed) {}

  const TapFilter filter;
  const bool with_content;  ///< the configuration allows statements, rows and whole packets
  TapQueue queue;
};

/// All readers. For all threads.
class Subscriptions {
 public:
  void add(const std::shared_ptr<Subscription>& subscription);
  void remove(const Subscription& subscription);

  /// Another number than before: look again. One relaxed load, for the way of the data.
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }

  /// A session has begun: it is the one for those who wait for the next.
  void session_begins(std::uint32_t session);
  /// Its peer has gone without a word, as a load balancer's health check: who waited waits on.
  void session_was_none(std::uint32_t session);
  /// Those who tap this session.
  [[nodiscard]] std::vector<std::shared_ptr<Subscription>> of_session(std::uint32_t session) const;

  /// The sessions that the reader has chosen, or has got as the next. Empty: all, or it waits.
  [[nodiscard]] std::vector<std::uint32_t> sessions_of(const Subscription& subscription) const;

 private:
  struct Entry {
    std::shared_ptr<Subscription> subscription;
    std::vector<std::uint32_t> sessions;
    bool waits = false;  // for the next
  };

  std::atomic<std::uint64_t> version_ = 0;
  std::atomic<std::size_t> waiting_ = 0;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace sluice::proxy::tap
