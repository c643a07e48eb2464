// The log: events with fields, as text or JSON lines on stderr.
//
// The vocabulary of fields, so that a search finds all lines of one thing:
//   relay     name of the relay                  session   number of the replica's connection
//   peer      address:port of the other end      user      account a replica logs in with
//   server_id id the replica registers with      master    host:port of the master
//   file, position, gtid                         where in the binlog
//   reason    why something ended or failed      bytes, events, dropped, duration   totals
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/log/log_settings.hpp"
#include "proxy/log/log_value.hpp"

namespace spdlog::sinks {
class sink;
}

namespace sluice::proxy::log {

using Fields = std::initializer_list<Field>;

/// Sets level and format, and where lines go (default: stderr). Call it while nothing logs: at
/// start, or in a test. Before the first call: text, from info on, to stderr.
void start(const LogSettings& settings, std::shared_ptr<spdlog::sinks::sink> sink = nullptr);

class LogQueue;

/// While it lives, lines are written by a thread of its own, and nobody who logs waits for whoever
/// reads them, nor ends because nobody does. Where that goes on, lines are lost, and are counted.
class Background {
 public:
  /// start(), before there are other threads. `patience`: for what is not written yet, at the end.
  explicit Background(const LogSettings& settings, int descriptor = STDERR_FILENO,
                      std::chrono::milliseconds patience = std::chrono::seconds(3));
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

 private:
  std::shared_ptr<LogQueue> queue_;
  std::chrono::milliseconds patience_;
};

/// Lines that were lost, so far.
[[nodiscard]] std::uint64_t lost_lines();

/// Changes the level only; may be called at any time, from any thread.
void set_level(LogLevel level);

/// Whether a line of this level would be written: for fields that are dear to compute.
[[nodiscard]] bool enabled(LogLevel level);

/// Writes one line: `info("session authenticated", {{"relay", name}, {"user", user}})`. The event
/// is a literal of ours, the values may come from a peer. Costs one comparison where the level is
/// not enabled.
void write(LogLevel level, std::string_view event, Fields fields = {});
inline void trace(std::string_view event, Fields fields = {}) {
  write(LogLevel::trace, event, fields);
}
inline void debug(std::string_view event, Fields fields = {}) {
  write(LogLevel::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  write(LogLevel::info, event, fields);
}
inline void warn(std::string_view event, Fields fields = {}) {
  write(LogLevel::warn, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(LogLevel::error, event, fields);
}

/// Fields that stand at the front of every line of one session, written down once.
class Context {
 public:
  Context() = default;
  Context(Fields fields) { add(fields); }

  /// Appends fields that became known later, such as the user.
  void add(Fields fields);

  void write(LogLevel level, std::string_view event, Fields fields = {}) const;
  void trace(std::string_view event, Fields fields = {}) const {
    write(LogLevel::trace, event, fields);
  }
  void debug(std::string_view event, Fields fields = {}) const {
    write(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, Fields fields = {}) const {
    write(LogLevel::info, event, fields);
  }
  void warn(std::string_view event, Fields fields = {}) const {
    write(LogLevel::warn, event, fields);
  }
  void error(std::string_view event, Fields fields = {}) const {
    write(LogLevel::error, event, fields);
  }

 private:
  std::string rendered_;  // in the format of the time of add()
};

}  // namespace sluice::proxy::log
