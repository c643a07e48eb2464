#include "protocol/binlog/json_binary.hpp"

#include <bit>

#include "protocol/binlog/decimal_value.hpp"
#include "protocol/binlog/temporal_value.hpp"
#include "protocol/json_text.hpp"

namespace sluice::binlog {
namespace {

enum JsonType : std::uint8_t {
  small_object = 0,
  large_object = 1,
  small_array = 2,
  large_array = 3,
  literal = 4,
  int16 = 5,
  uint16 = 6,
  int32 = 7,
  uint32 = 8,
  int64 = 9,
  uint64 = 10,
  double_number = 11,
  string = 12,
  opaque = 15,
};

// Of containers within each other (sql-common/json_dom.cc, JSON_DOCUMENT_MAX_DEPTH).
constexpr unsigned max_depth = 100;

std::string base64(Bytes bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(3, bytes.size()))) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < bytes.size() ? bytes[i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) {
      text += i > bytes.size() ? '=' : digits[group >> (18 - 6 * i) & 63];
    }
  }
  return text;
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
std::uint64_t read_length(Cursor& in) {
  std::uint64_t length = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    const std::uint8_t byte = in.u8();
    length |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80) == 0) return length;
  }
  in.fail();
  return 0;
}

class Printer {
 public:
  explicit Printer(std::size_t document_size) : limit_(64 + 8 * document_size) {}

  /// Prints the value of a type that begins at the front of `bytes`.
  bool print(std::uint8_t type, Bytes bytes, unsigned depth) {
    // Values that lie one in another's place could be printed without end. Honest ones never need
    // that much more room as text than they have in the document.
    if (text_.size() > limit_) return false;
    switch (type) {
      case small_object:
      case small_array:
        return print_container(bytes, type == small_object, 2, depth);
      case large_object:
      case large_array:
        return print_container(bytes, type == large_object, 4, depth);
      default:
        return print_scalar(type, Cursor(bytes));
    }
  }

  std::string take() { return std::move(text_); }

 private:
  bool print_scalar(std::uint8_t type, Cursor in) {
    switch (type) {
      case literal:
        return print_literal(in.u8()) && in.ok();
      case int16:
        text_ += std::to_string(static_cast<std::int16_t>(in.u16()));
        break;
      case uint16:
        text_ += std::to_string(in.u16());
        break;
      case int32:
        text_ += std::to_string(static_cast<std::int32_t>(in.u32()));
        break;
      case uint32:
        text_ += std::to_string(in.u32());
        break;
      case int64:
        text_ += std::to_string(static_cast<std::int64_t>(in.u64()));
        break;
      case uint64:
        text_ += std::to_string(in.u64());
        break;
      case double_number:
        text_ += json_double(std::bit_cast<double>(in.u64()));
        break;
      case string:
        append_json_string(text_, in.text(read_length(in)));
        break;
      case opaque:
        return print_opaque(in);
      default:
        return false;
    }
    return in.ok();
  }

  bool print_literal(std::uint8_t value) {
    constexpr std::string_view texts[] = {"null", "true", "false"};
    if (value > 2) return false;
    text_ += texts[value];
    return true;
  }

  /// A value of a type that only columns have otherwise (json_dom.cc, Json_wrapper::to_string).
  bool print_opaque(Cursor in) {
    const ColumnType type{in.u8()};
    Cursor value(in.take(read_length(in)));
    if (!in.ok()) return false;
    if (type == ColumnType::newdecimal) {
      const std::uint8_t precision = value.u8();
      const std::string number = read_decimal_value(value, precision, value.u8());
      text_ += number;
      return !number.empty();
    }
    if (is_temporal(type) && type != ColumnType::year) {
      const auto packed = static_cast<std::int64_t>(value.u64());
      append_json_string(text_, packed_temporal_text(type, packed));
      return value.ok();
    }
    append_json_string(
        text_, "base64:type" + std::to_string(static_cast<int>(type)) + ":" + base64(value.rest()));
    return true;
  }

  /// Count, size, then for each member its key's place (objects only) and its type and place, then
  /// what lies at these places. A literal, and a number that fits, stands where its place would.
  bool print_container(Bytes bytes, bool object, std::size_t width, unsigned depth) {
    if (depth > max_depth) return false;
    Cursor head(bytes);
    const auto number = [width](Cursor& in) {
      return std::uint64_t{width == 2 ? in.u16() : in.u32()};
    };
    const std::uint64_t count = number(head);
    const std::uint64_t size = number(head);
    if (!head.ok() || size > bytes.size()) return false;
    bytes = bytes.first(static_cast<std::size_t>(size));
    Cursor keys(bytes);
    keys.skip(2 * width);
    Cursor values = keys;
    if (object) values.skip(count * (width + 2));
    if (values.remaining() < count * (1 + width)) return false;

    text_ += object ? '{' : '[';
    for (std::uint64_t i = 0; i < count; ++i) {
      if (i > 0) text_ += ", ";
      if (object) {
        const std::uint64_t place = number(keys);
        Cursor key(bytes);
        key.skip(place);
        append_json_string(text_, key.text(keys.u16()));
        text_ += ": ";
        if (!keys.ok() || !key.ok()) return false;
      }
      const std::uint8_t type = values.u8();
      const Bytes entry = values.take(width);
      if (!values.ok() || !print_member(type, entry, bytes, depth)) return false;
    }
    text_ += object ? '}' : ']';
    return true;
  }

  bool print_member(std::uint8_t type, Bytes entry, Bytes container, unsigned depth) {
    const bool fits = type == literal || type == int16 || type == uint16 ||
                      (entry.size() == 4 && (type == int32 || type == uint32));
    if (fits) return print(type, entry, depth + 1);
    const std::uint64_t place = load_le(entry.data(), entry.size());
    if (place >= container.size()) return false;
    return print(type, container.subspan(static_cast<std::size_t>(place)), depth + 1);
  }

  std::string text_;
  std::size_t limit_;
};

}  // namespace

std::optional<std::string> json_text(Bytes document) {
  // What MySQL writes for a document that is the JSON literal null in a NOT NULL column made by
  // ALTER TABLE (json_binary.cc, parse_binary).
  if (document.empty()) return "null";
  Printer printer(document.size());
  if (!printer.print(document[0], document.subspan(1), 1)) return std::nullopt;
  return printer.take();
}

}  // namespace sluice::binlog
