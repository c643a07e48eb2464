// What has been read before a replica's position, for when it comes back to it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <utility>

#include "filters/stream/group_state.hpp"
#include "filters/stream/stream_position.hpp"

namespace sluice::proxy {

/// By the same rules, from the same master. For all threads.
class KnownContexts {
 public:
  using Clock = std::chrono::steady_clock;

  struct Place {
    boost::asio::ip::tcp::endpoint master;  ///< another one's file may be of that name
    filters::Coordinates at;

    bool operator==(const Place&) const = default;
  };

  /// A replica comes back within a minute if nobody has told it otherwise. Not for longer, as its
  /// master may begin anew with a file of this name (RESET BINARY LOGS AND GTIDS).
  static constexpr std::chrono::minutes good_for{5};
  static constexpr std::size_t most = 64;  ///< then the oldest goes

  void keep(Place place, filters::GroupState context, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (known_.size() == most) known_.pop_front();
    known_.push_back({std::move(place), std::move(context), now + good_for});
  }

  /// Once.
  [[nodiscard]] std::optional<filters::GroupState> take(const Place& place,
                                                        Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    known_.remove_if([now](const Known& known) { return known.until < now; });
    for (auto known = known_.begin(); known != known_.end(); ++known) {
      if (known->place != place) continue;
      std::optional<filters::GroupState> context = std::move(known->context);
      known_.erase(known);
      return context;
    }
    return std::nullopt;
  }

 private:
  struct Known {
    Place place;
    filters::GroupState context;
    Clock::time_point until;
  };

  std::mutex mutex_;
  std::list<Known> known_;
};

}  // namespace sluice::proxy
