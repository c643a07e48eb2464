// How the log is written: what configuration and logging share.
#pragma once

#include <cstdint>

namespace sluice::proxy {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

enum class LogFormat : std::uint8_t {
  text,  ///< one line of `time level event key=value ...`
  json,  ///< one JSON object a line
};

/// [log]
struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

}  // namespace sluice::proxy
