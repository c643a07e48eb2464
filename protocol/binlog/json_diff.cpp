#include "protocol/binlog/json_diff.hpp"

#include "protocol/binlog/json_binary.hpp"
#include "protocol/json_text.hpp"

namespace sluice::binlog {

std::optional<std::string> json_diff_text(Bytes changes) {
  constexpr std::string_view operations[] = {"replace", "insert", "remove"};
  constexpr std::uint8_t remove = 2;
  Cursor in(changes);
  std::string text = "[";
  while (in.remaining() > 0) {
    const std::uint8_t operation = in.u8();
    const std::string_view path = in.lenenc_text();
    if (!in.ok() || operation > remove) return std::nullopt;
    if (text.size() > 1) text += ", ";
    text += "{\"op\": \"" + std::string(operations[operation]) + "\", \"path\": ";
    append_json_string(text, path);
    if (operation != remove) {
      const Bytes value = in.take(in.lenenc());
      const auto document = in.ok() ? json_text(value) : std::nullopt;
      if (!document) return std::nullopt;
      text += ", \"value\": " + *document;
    }
    text += '}';
  }
  return text + "]";
}

}  // namespace sluice::binlog
