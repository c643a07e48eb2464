#include "filters/stream/payload_filter.hpp"

#include <algorithm>
#include <array>

#include "protocol/binlog/checksum.hpp"

namespace sluice::filters {

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

/// A level of zstd, and how much it is tried with.
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

constexpr const char* does_not_fit =
    "a compressed transaction of which a part is dropped does not fit into its place";

/// For a payload with its header.
std::size_t space_of(const PayloadContext& context) {
  return context.header.size - binlog::event_header_size -
         binlog::checksum_size(context.format.checksum);
}

}  // namespace

struct PayloadFilter::Rewriting {
  Rewriting(const PayloadContext& context, int level, const PayloadScan& first,
            PayloadWorkspace& workspace)
      : encoder(first.header().compression, level, first.size(), space_of(context)),
        scan(context, nullptr, &encoder, workspace) {}

  binlog::PayloadEncoder encoder;
  PayloadScan scan;
  std::size_t piece = 0;
  std::size_t done_of_piece = 0;
};

PayloadFilter::PayloadFilter(const PayloadContext& context, EventObserver* observer,
                             PayloadWorkspace& workspace)
    : context_(context), workspace_(workspace), scan_(context_, observer, nullptr, workspace) {}

PayloadFilter::~PayloadFilter() = default;

bool PayloadFilter::feed(std::size_t offset, Bytes piece) {
  if (!pieces_.empty() && pieces_.back().offset + pieces_.back().size == offset) {
    pieces_.back().size += piece.size();
  } else {
    pieces_.push_back({offset, piece.size()});
  }
  if (scan_.feed(piece)) return true;
  failure_ = scan_.failure();
  return false;
}

PayloadFilter::Progress PayloadFilter::fail(const PayloadFailure& failure) {
  failure_ = failure;
  return Progress::failed;
}

PayloadFilter::Progress PayloadFilter::patch(MutableBytes held, std::size_t most) {
  if (rewriting_) return rewrite(held, most);
  if (!scan_.finish()) return fail(scan_.failure());
  if (scan_.counters().dropped_events == 0) return Progress::done;
  if (!scan_.keeps_anything()) return empty_it(held);
  if (!begin_level()) return fail({does_not_fit});
  return rewrite(held, most);
}

PayloadFilter::Progress PayloadFilter::empty_it(MutableBytes held) {
  auto no_op = NoOp::commit(context_.header, context_.format.checksum);
  if (!no_op) return fail({"no no-op fits into the event's place"});
  for (const Piece& piece : pieces_) no_op->overwrite(held.subspan(piece.offset, piece.size));
  return Progress::done;
}

/// false: there is none left.
bool PayloadFilter::begin_level() {
  if (level_ == levels.size() || scan_.size() > levels.at(level_).largest) return false;
  rewriting_.reset();  // its room first
  rewriting_ = std::make_unique<Rewriting>(context_, levels.at(level_).level, scan_, workspace_);
  ++level_;
  return true;
}

PayloadFilter::Progress PayloadFilter::rewrite(MutableBytes held, std::size_t most) {
  for (;;) {
    const auto progress = compress(held, most);
    if (progress == Progress::unfinished) return progress;
    if (progress == Progress::done && put_in_place(held)) return Progress::done;
    if (!failure_.reason.empty()) return Progress::failed;
    if (!begin_level()) return fail({does_not_fit});
  }
}

/// `failed` without a failure: it does not fit.
PayloadFilter::Progress PayloadFilter::compress(MutableBytes held, std::size_t& most) {
  Rewriting& now = *rewriting_;
  bool whole = true;
  while (whole && now.piece < pieces_.size()) {
    if (most == 0) return Progress::unfinished;
    const Piece& piece = pieces_[now.piece];
    const std::size_t size = std::min(most, piece.size - now.done_of_piece);
    whole = now.scan.feed(held.subspan(piece.offset + now.done_of_piece, size));
    most -= size;
    now.done_of_piece += size;
    if (now.done_of_piece < piece.size) continue;
    ++now.piece;
    now.done_of_piece = 0;
  }
  if (whole && now.scan.finish()) return Progress::done;
  return now.scan.outgrown() ? Progress::failed : fail(now.scan.failure());
}

/// false: it does not fit.
bool PayloadFilter::put_in_place(MutableBytes held) const {
  const Buffer& packed = rewriting_->encoder.result();
  const std::size_t space = space_of(context_);
  binlog::PayloadHeader header = scan_.header();
  header.payload_size = packed.size();
  const std::size_t used = binlog::serialized_size(header) + packed.size();
  if (used > space || (used < space && space - used < smallest_padding)) return false;
  Buffer head;
  binlog::serialize(header, space - used, head);
  overwrite(held, head, packed);
  return true;
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
