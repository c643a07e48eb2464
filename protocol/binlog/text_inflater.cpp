#include "protocol/binlog/text_inflater.hpp"

#include <algorithm>

#include "protocol/binlog/mariadb_compression.hpp"

namespace sluice::binlog {
namespace {

/// Room that is kept from one text to the next. A longer one is rare.
constexpr std::size_t kept_room = std::size_t{128} << 10;

}  // namespace

std::optional<TextInflater::Inflated> TextInflater::inflate(Bytes record, bool truncated,
                                                            std::size_t limit) {
  const auto size = uncompressed_size(record);
  if (!size) return std::nullopt;
  const Bytes compressed = record.subspan(std::size_t{1} + (record[0] & 7));
  // A byte more than announced, so that the end is found, or that there is none.
  const std::uint64_t asked = std::min<std::uint64_t>(*size + 1, limit);
  const std::size_t room = InflateStream::believable(asked, compressed.size());
  if (out_.size() < room || out_.size() > std::max(room, kept_room)) {
    out_ = Buffer(room);
  }
  stream_.begin();
  const auto step = stream_.run(compressed, MutableBytes(out_).first(room));
  if (!step || step->written > *size) return std::nullopt;
  const Bytes text = Bytes(out_).first(step->written);
  if (step->ended) {
    if (text.size() != *size) return std::nullopt;
    return Inflated{text, true, false};
  }
  const bool starved = text.size() < room || room < asked;
  if (starved && !truncated) return std::nullopt;
  return Inflated{text, false, starved};
}

}  // namespace sluice::binlog
