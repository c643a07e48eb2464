#include "filters/payload_filter.hpp"

#include <algorithm>
#include <array>

#include "protocol/binlog/checksum.hpp"

namespace sluice::filters {

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

/// A level of zstd, and how much it is tried with: all sessions of the thread wait meanwhile.
struct Level {
  int level;
  std::uint64_t largest;  ///< in bytes, decompressed
};

/// The servers' default first. What is wiped compresses well, so it fits, as a rule; the next ones
/// are for a master whose zstd is a little better than this one. The last three are for masters
/// that compress harder; they take a second for some 10, 1 and 0.5 MiB.
constexpr std::array<Level, 6> levels{{{3, UINT64_MAX},
                                       {6, UINT64_MAX},
                                       {9, UINT64_MAX},
                                       {12, 64 * mib},
                                       {19, 8 * mib},
                                       {22, 4 * mib}}};

constexpr std::size_t smallest_padding = 2;

}  // namespace

PayloadFilter::PayloadFilter(const PayloadContext& context, EventObserver* observer,
                             PayloadWorkspace& workspace)
    : context_(context), workspace_(workspace), scan_(context_, observer, nullptr, workspace) {}

bool PayloadFilter::feed(std::size_t offset, Bytes piece) {
  if (!pieces_.empty() && pieces_.back().offset + pieces_.back().size == offset) {
    pieces_.back().size += piece.size();
  } else {
    pieces_.push_back({offset, piece.size()});
  }
  return scan_.feed(piece) || fail(scan_.failure());
}

bool PayloadFilter::fail(const PayloadFailure& failure) {
  failure_ = failure;
  return false;
}

bool PayloadFilter::patch(MutableBytes held) {
  if (!scan_.finish()) return fail(scan_.failure());
  if (scan_.counters().dropped_events == 0) return true;
  return scan_.keeps_anything() ? rewrite(held) : empty_it(held);
}

bool PayloadFilter::empty_it(MutableBytes held) {
  auto no_op = NoOp::commit(context_.header, context_.format.checksum);
  if (!no_op) return fail({"no no-op fits into the event's place"});
  for (const Piece& piece : pieces_) no_op->overwrite(held.subspan(piece.offset, piece.size));
  return true;
}

bool PayloadFilter::rewrite(MutableBytes held) {
  const std::size_t space = context_.header.size - binlog::event_header_size -
                            binlog::checksum_size(context_.format.checksum);
  binlog::PayloadHeader header = scan_.header();
  for (const auto& [level, largest] : levels) {
    if (scan_.size() > largest) break;
    binlog::PayloadEncoder encoder(header.compression, level, scan_.size(), space);
    if (!compress(held, encoder)) {
      if (failure_.reason.empty()) continue;  // too large at this level
      return false;
    }
    header.payload_size = encoder.result().size();
    const std::size_t used = binlog::serialized_size(header) + encoder.result().size();
    if (used > space || (used < space && space - used < smallest_padding)) continue;
    Buffer head;
    binlog::serialize(header, space - used, head);
    overwrite(held, head, encoder.result());
    return true;
  }
  return fail({"a compressed transaction of which a part is dropped does not fit into its place"});
}

/// false without a failure: it does not fit.
bool PayloadFilter::compress(MutableBytes held, binlog::PayloadEncoder& encoder) {
  PayloadScan again(context_, nullptr, &encoder, workspace_);
  bool whole = true;
  for (const Piece& piece : pieces_) {
    whole = whole && again.feed(held.subspan(piece.offset, piece.size));
  }
  if (whole && again.finish()) return true;
  return again.outgrown() ? false : fail(again.failure());
}

/// Puts the new body where the old one was, behind the event's header.
void PayloadFilter::overwrite(MutableBytes held, Bytes head, Bytes payload) const {
  auto piece = pieces_.begin();
  std::size_t at = 0;  // of that piece
  const auto next = [&](std::size_t most) {
    while (at == piece->size) {
      ++piece;
      at = 0;
    }
    const MutableBytes here = held.subspan(piece->offset + at, std::min(most, piece->size - at));
    at += here.size();
    return here;
  };
  std::uint32_t crc = 0;
  for (std::size_t left = binlog::event_header_size; left > 0;) {
    const MutableBytes here = next(left);
    crc = binlog::crc32_of(here, crc);
    left -= here.size();
  }
  const auto put = [&](Bytes bytes) {
    crc = binlog::crc32_of(bytes, crc);
    while (!bytes.empty()) {
      const MutableBytes here = next(bytes.size());
      std::copy_n(bytes.begin(), here.size(), here.begin());
      bytes = bytes.subspan(here.size());
    }
  };
  put(head);
  put(payload);
  if (context_.format.checksum == binlog::Checksum::none) return;
  std::array<std::uint8_t, 4> checksum{};
  store_le(checksum.data(), crc, checksum.size());
  put(checksum);
}

}  // namespace sluice::filters
