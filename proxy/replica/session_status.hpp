// What there is to tell about a replica's session at one moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "filters/stream/stream_counters.hpp"

namespace sluice::proxy {

struct SessionStatus {
  enum class State { login, idle, streaming };

  std::uint32_t id = 0;  ///< the thread id of its greeting
  std::string relay;
  State state = State::login;
  std::chrono::system_clock::time_point since;

  // The replica, by its own words but for the address.
  std::string peer;
  std::string user;
  std::string client_name;
  std::string client_version;
  std::string program;
  std::uint32_t server_id = 0;  ///< 0: it has not registered
  std::string uuid;
  std::string replica_tls;
  std::string_view replica_compression;

  std::string master;
  std::string master_version;  ///< empty: it is not connected
  std::string master_tls;
  std::string_view master_compression;

  // The dump, while it is streaming.
  bool by_gtid = false;
  bool semi_sync = false;
  std::string file;
  std::uint64_t position = 0;
  std::string gtid;
  filters::StreamCounters counters;
  std::uint64_t acknowledgements = 0;
  /// How old the newest event is that has passed, while there is more to come. 0: nothing is.
  std::chrono::duration<double> behind{0};
};

[[nodiscard]] constexpr std::string_view to_string(SessionStatus::State state) {
  switch (state) {
    case SessionStatus::State::login:
      return "login";
    case SessionStatus::State::idle:
      return "idle";
    case SessionStatus::State::streaming:
      return "streaming";
  }
  return {};
}

}  // namespace sluice::proxy
