#include "protocol/binlog/text_inflater.hpp"

#include <zlib.h>

#include <algorithm>

#include "protocol/binlog/mariadb_compression.hpp"

namespace sluice::binlog {
namespace {

/// Room that is kept from one text to the next. A longer one is rare.
constexpr std::size_t kept_room = std::size_t{128} << 10;

/// As much as these bytes can become at best, whatever length they announce.
std::size_t believable(std::uint64_t announced, std::size_t compressed) {
  constexpr std::uint64_t best_ratio = 1032;
  return static_cast<std::size_t>(std::min(announced, std::uint64_t{compressed} * best_ratio));
}

}  // namespace

void TextInflater::End::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

bool TextInflater::begin() {
  if (stream_) return inflateReset(stream_.get()) == Z_OK;
  auto stream = std::make_unique<z_stream>();
  if (inflateInit(stream.get()) != Z_OK) return false;
  stream_.reset(stream.release());
  return true;
}

std::optional<TextInflater::Inflated> TextInflater::inflate(Bytes record, bool truncated,
                                                            std::size_t limit) {
  const auto size = uncompressed_size(record);
  if (!size || !begin()) return std::nullopt;
  const Bytes compressed = record.subspan(std::size_t{1} + (record[0] & 7));
  // A byte more than announced, so that the end is found, or that there is none.
  const std::uint64_t asked = std::min<std::uint64_t>(*size + 1, limit);
  const std::size_t room = believable(asked, compressed.size());
  if (out_.size() < room || out_.size() > std::max(room, kept_room)) {
    out_ = Buffer(room);
  }
  std::uint8_t nothing = 0;
  stream_->next_in = const_cast<Bytef*>(compressed.data());
  stream_->avail_in = static_cast<uInt>(compressed.size());
  stream_->next_out = room == 0 ? &nothing : out_.data();
  stream_->avail_out = static_cast<uInt>(room);
  const int status = ::inflate(stream_.get(), Z_SYNC_FLUSH);
  const std::size_t inflated = room - stream_->avail_out;
  const Bytes text = Bytes(out_).first(inflated);
  if (status == Z_STREAM_END) {
    if (inflated != *size) return std::nullopt;
    return Inflated{text, true, false};
  }
  if (status != Z_OK && status != Z_BUF_ERROR) return std::nullopt;
  if (inflated > *size) return std::nullopt;
  const bool starved = stream_->avail_out > 0 || room < asked;
  if (starved && !truncated) return std::nullopt;
  return Inflated{text, false, starved};
}

}  // namespace sluice::binlog
