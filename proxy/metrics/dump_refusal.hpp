// Why a master has ended a dump with an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/wire/response.hpp"

namespace sluice::proxy {

/// A master that is shut down, and a KILL, end a dump without an error: the replica comes back.
enum class DumpRefusal : std::uint8_t {
  fatal,      ///< the replica stops for good: what it wants was purged, or never was there
  same_id,    ///< another has begun a dump by the same server_uuid or server_id
  came_back,  ///< so has the replica itself, before its old connection was known to be dead
  other,      ///< it tries again
};
constexpr std::size_t dump_refusals = static_cast<std::size_t>(DumpRefusal::other) + 1;
[[nodiscard]] std::string_view to_string(DumpRefusal refusal);

/// `came_back`: the replica has begun another dump since, from where it was.
[[nodiscard]] DumpRefusal refusal_of(const wire::ErrPacket& error, bool came_back);

}  // namespace sluice::proxy
