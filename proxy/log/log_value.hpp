// Fields of log lines: a key and a typed value, and how they are written without letting a peer
// forge a line.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "proxy/log/log_settings.hpp"

namespace sluice::proxy::log {

/// What a field may hold. Text is borrowed: a Value lives no longer than the call it is passed to.
class Value {
 public:
  // NOLINTBEGIN(google-explicit-constructor): so that {"session", 7} is a field
  template <std::convertible_to<std::string_view> T>
  Value(const T& text) : value_(std::string_view(text)) {}
  Value(std::same_as<bool> auto flag) : value_(flag) {}
  template <std::signed_integral T>
  Value(T number) : value_(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  Value(T number) : value_(static_cast<std::uint64_t>(number)) {}
  /// Written as seconds with three decimals.
  template <typename Rep, typename Period>
  Value(std::chrono::duration<Rep, Period> time)
      : value_(std::chrono::duration_cast<std::chrono::milliseconds>(time)) {}
  // NOLINTEND(google-explicit-constructor)

  /// Appends `plain` or `"with spaces"` or `12`.
  void append_text(std::string& line) const;
  /// Appends a JSON string, number or boolean.
  void append_json(std::string& line) const;

 private:
  std::variant<std::string_view, std::int64_t, std::uint64_t, bool, std::chrono::milliseconds>
      value_;
};

struct Field {
  std::string_view key;  ///< a literal of ours: letters, digits, underscores
  Value value;
};

/// Bytes of a text value that are written; the rest becomes "...".
constexpr std::size_t max_text = 1024;

/// Appends the fields, each with a blank (text) or a comma (JSON) before it.
void append_field(std::string& line, LogFormat format, const Field& field);

/// The name in log lines and in the configuration.
[[nodiscard]] std::string_view to_string(LogLevel level);

}  // namespace sluice::proxy::log
