#include "protocol/binlog/gtid_event.hpp"

#include <algorithm>
#include <limits>

#include "protocol/binlog/varlen.hpp"

namespace sluice::binlog {
namespace {

constexpr std::uint64_t max_number = std::numeric_limits<std::int64_t>::max() - 1;

/// The fields that name a transaction come first, in this order; none of them can be left out.
enum TaggedField : std::uint8_t { field_flags, field_uuid, field_number, field_tag };
constexpr std::uint64_t serialization_version = 1;

void expect_field(Cursor& in, TaggedField field) {
  if (read_varlen(in) != field) in.fail();
}

void read_tag(Cursor& in, Gtid& gtid) {
  const std::string_view tag = in.text(read_varlen(in));
  if (!can_be_gtid_tag(tag)) return in.fail();
  std::copy(tag.begin(), tag.end(), gtid.tag_chars.begin());
  gtid.tag_size = static_cast<std::uint8_t>(tag.size());
}

void read_tagged(Cursor& in, Gtid& gtid) {
  if (read_varlen(in) != serialization_version) in.fail();
  read_varlen(in);  // size of what follows
  read_varlen(in);  // the last field that a reader must know
  expect_field(in, field_flags);
  read_varlen(in);
  expect_field(in, field_uuid);
  for (std::uint8_t& byte : gtid.uuid) {
    const std::uint64_t value = read_varlen(in);
    if (value > 0xFF) in.fail();
    byte = static_cast<std::uint8_t>(value);
  }
  expect_field(in, field_number);
  const std::int64_t number = read_signed_varlen(in);
  gtid.number = number > 0 ? static_cast<std::uint64_t>(number) : 0;
  expect_field(in, field_tag);
  read_tag(in, gtid);
}

void read_untagged(Cursor& in, Gtid& gtid) {
  in.skip(1);  // flags
  const Bytes uuid = in.take(gtid.uuid.size());
  std::copy(uuid.begin(), uuid.end(), gtid.uuid.begin());
  gtid.number = in.u64();
}

}  // namespace

bool can_be_gtid_tag(std::string_view text) {
  return text.size() <= max_gtid_tag_size &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::optional<Gtid> parse_gtid_event(EventType type, Bytes body) {
  Cursor in(body);
  Gtid gtid;
  if (type == EventType::gtid_tagged) {
    read_tagged(in, gtid);
  } else {
    read_untagged(in, gtid);
  }
  if (!in.ok()) return std::nullopt;
  if (type == EventType::anonymous_gtid) return Gtid{.anonymous = true};
  if (gtid.number == 0 || gtid.number > max_number) return std::nullopt;
  return gtid;
}

std::string to_text(const Gtid& gtid) {
  if (gtid.anonymous) return "ANONYMOUS";
  std::string text = uuid_text(gtid.uuid) + ":";
  if (gtid.tag_size > 0) text.append(gtid.tag()).append(":");
  return text + std::to_string(gtid.number);
}

}  // namespace sluice::binlog
