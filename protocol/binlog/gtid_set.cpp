#include "protocol/binlog/gtid_set.hpp"

#include <algorithm>
#include <string_view>

#include "protocol/binlog/gtid_event.hpp"

namespace sluice::binlog {

namespace {

constexpr std::size_t uuid_size = sizeof(Uuid);
constexpr std::size_t interval_size = 16;
constexpr std::uint8_t tagged_format = 1;

struct Header {
  bool tagged = false;
  std::uint64_t parts = 0;
};

/// Plain: the count in 8 bytes. Tagged: the format in bytes 0 and 7, the count between them.
Header read_header(Cursor& in) {
  const Bytes bytes = in.take(8);
  if (bytes.empty()) return {};
  if (bytes[7] == 0) return {false, load_le<8>(bytes.data())};
  if (bytes[0] != tagged_format || bytes[7] != tagged_format) in.fail();
  return {true, load_le<6>(bytes.data() + 1)};
}

/// The length is a variable-length integer whose low bit 0 says that it has one byte.
bool read_tag(Cursor& in, std::string& tag) {
  const std::uint8_t length = in.u8();
  if ((length & 1) != 0) return false;
  tag = in.text(length / 2);
  return can_be_gtid_tag(tag);
}

bool read_part(Cursor& in, bool tagged, GtidSetPart& part) {
  const Bytes uuid = in.take(uuid_size);
  if (!in.ok()) return false;
  std::copy(uuid.begin(), uuid.end(), part.uuid.begin());
  if (tagged && !read_tag(in, part.tag)) return false;
  const std::uint64_t count = in.u64();
  if (count > in.remaining() / interval_size) return false;
  std::uint64_t after_previous = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t start = in.u64();
    const std::uint64_t end = in.u64();
    if (start <= after_previous || end <= start) return false;
    part.intervals.push_back({start, end - 1});
    after_previous = end;
  }
  return in.ok();
}

std::string interval_text(GtidInterval interval) {
  const auto first = ":" + std::to_string(interval.first);
  return interval.last == interval.first ? first : first + "-" + std::to_string(interval.last);
}

}  // namespace

std::optional<GtidSet> parse_gtid_set(Bytes encoded) {
  Cursor in(encoded);
  const auto [tagged, parts] = read_header(in);
  if (!in.ok() || parts > in.remaining() / uuid_size) return std::nullopt;
  GtidSet set;
  for (std::uint64_t i = 0; i < parts; ++i) {
    if (!read_part(in, tagged, set.emplace_back())) return std::nullopt;
  }
  if (in.remaining() > 0) return std::nullopt;
  return set;
}

std::string to_text(const GtidSet& set, std::size_t limit) {
  constexpr std::string_view more = "...";
  std::string text;
  const GtidSetPart* previous = nullptr;
  for (const auto& part : set) {
    if (part.intervals.empty()) continue;
    std::string piece;
    if (previous == nullptr || previous->uuid != part.uuid) {
      if (previous != nullptr) piece += ',';
      piece += uuid_text(part.uuid);
    }
    if (!part.tag.empty()) piece += ":" + part.tag;
    for (const auto& interval : part.intervals) {
      piece += interval_text(interval);
      if (text.size() + piece.size() + more.size() > limit) return text.append(more);
      text += piece;
      piece.clear();
    }
    previous = &part;
  }
  return text;
}

}  // namespace sluice::binlog
