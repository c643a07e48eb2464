// Requests that the admin interface has refused, in the log: a line a second, however many come.
#pragma once

#include <string_view>

#include "proxy/log/logging.hpp"
#include "proxy/log/once_per_second.hpp"

namespace sluice::proxy::admin {

class Refusals {
 public:
  using Time = log::OncePerSecond::Clock::time_point;

  void note(std::string_view peer, std::string_view reason, Time now) {
    if (const auto left_out = line_.admit(now)) {
      log::warn("admin request refused",
                {{"peer", peer}, {"reason", reason}, {"left_out", *left_out}});
    }
  }

 private:
  log::OncePerSecond line_;
};

}  // namespace sluice::proxy::admin
