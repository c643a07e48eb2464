// Requests that the admin interface has refused, in the log: a line a second, however many come.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "proxy/logging.hpp"

namespace sluice::proxy::admin {

/// For the admin thread.
class Refusals {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void note(std::string_view peer, std::string_view reason, Time now) {
    if (now < quiet_until_) {
      ++left_out_;
      return;
    }
    quiet_until_ = now + std::chrono::seconds(1);
    log::warn("admin request refused",
              {{"peer", peer}, {"reason", reason}, {"left_out", std::exchange(left_out_, 0)}});
  }

 private:
  Time quiet_until_;
  std::uint64_t left_out_ = 0;  // since the last line
};

}  // namespace sluice::proxy::admin
