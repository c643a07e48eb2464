#include "proxy/log/log_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

#include "protocol/hex.hpp"

namespace sluice::proxy::log {
namespace {

template <std::integral T>
void append_number(std::string& line, T number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line.append(digits.data(), end);
}

void append_seconds(std::string& line, std::chrono::milliseconds time) {
  auto count = time.count();
  if (count < 0) line += '-';
  count = count < 0 ? -count : count;
  append_number(line, count / 1000);
  const auto rest = static_cast<unsigned>(count % 1000);
  line += {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
           static_cast<char>('0' + rest % 10)};
}

bool is_printable(char c) {
  return c >= 0x20 && c < 0x7f;
}

// Beyond printable ASCII all bytes are written as \xNN: control characters move a terminal's
// cursor, and Unicode has its own ways to make a line read as another.
void append_quoted(std::string& line, std::string_view text, std::string_view byte_escape) {
  line += '"';
  for (const char c : text.substr(0, max_text)) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (is_printable(c)) {
      line += c;
    } else {
      line += byte_escape;
      append_hex(line, static_cast<std::uint8_t>(c));
    }
  }
  if (text.size() > max_text) line += "...";
  line += '"';
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.size() > max_text || std::ranges::any_of(text, [](char c) {
           return !is_printable(c) || c == ' ' || c == '"' || c == '=' || c == '\\';
         });
}

void append_other(std::string& line, std::int64_t number) {
  append_number(line, number);
}
void append_other(std::string& line, std::uint64_t number) {
  append_number(line, number);
}
void append_other(std::string& line, bool flag) {
  line += flag ? "true" : "false";
}
void append_other(std::string& line, std::chrono::milliseconds time) {
  append_seconds(line, time);
}

}  // namespace

void Value::append_text(std::string& line) const {
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    if (needs_quotes(*text)) {
      append_quoted(line, *text, "\\x");
    } else {
      line += *text;
    }
    return;
  }
  std::visit(
      [&line](const auto& value) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
          append_other(line, value);
        }
      },
      value_);
}

void Value::append_json(std::string& line) const {
  if (const auto* text = std::get_if<std::string_view>(&value_)) {
    append_quoted(line, *text, "\\\\x");  // JSON has no escape for a byte: the backslash is content
  } else {
    append_text(line);
  }
}

void append_field(std::string& line, LogFormat format, const Field& field) {
  if (format == LogFormat::text) {
    line += ' ';
    line += field.key;
    line += '=';
    field.value.append_text(line);
  } else {
    line += ",\"";
    line += field.key;
    line += "\":";
    field.value.append_json(line);
  }
}

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "unknown";
}

}  // namespace sluice::proxy::log
