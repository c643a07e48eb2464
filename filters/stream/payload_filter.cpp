#include "filters/stream/payload_filter.hpp"

#include <algorithm>
#include <array>

#include "protocol/binlog/checksum.hpp"

namespace sluice::filters {

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

/// A way to compress, and how much it is tried with.
struct Way {
  int level = 3;
  std::uint64_t largest = UINT64_MAX;  ///< in bytes, decompressed
  bool tells_size_as_master = true;
  bool splits_blocks = false;
};

/// The servers' default first. What is wiped compresses well, so it fits, as a rule. But some bytes
/// may be missing: what is wiped was small, and the master's zstd, another version, finds something
/// else. A higher level is not always smaller (of numbers 2 makes less than 3, 6 and 9 do), so
/// those that cost little are tried, too, before those for masters that compress harder. The last
/// three take a second for some 10, 1 and 0.5 MiB.
constexpr std::array<Way, 14> ways{{{3, UINT64_MAX},
                                    {6, UINT64_MAX},
                                    {3, UINT64_MAX, false},
                                    {2, UINT64_MAX},
                                    {4, UINT64_MAX},
                                    {1, UINT64_MAX},
                                    {5, UINT64_MAX},
                                    {3, UINT64_MAX, true, true},
                                    {2, UINT64_MAX, true, true},
                                    {7, UINT64_MAX},
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
  Rewriting(const PayloadContext& context, binlog::Compression compression,
            const binlog::ZstdWay& way, PayloadWorkspace& workspace)
      : encoder(compression, way, space_of(context)), scan(context, nullptr, &encoder, workspace) {}

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
  std::uint64_t all = UINT64_MAX;
  if (scan_.feed(piece, all)) return true;
  failure_ = scan_.failure();
  return false;
}

PayloadFilter::Progress PayloadFilter::fail(const PayloadFailure& failure) {
  failure_ = failure;
  return Progress::failed;
}

PayloadFilter::Progress PayloadFilter::patch(MutableBytes held, std::uint64_t most) {
  if (rewriting_) return rewrite(held, most);
  if (!scan_.finish()) return fail(scan_.failure());
  master_tells_size_ = scan_.tells_size();
  if (scan_.counters().dropped_events == 0) return Progress::done;
  if (!scan_.keeps_anything()) return empty_it(held);
  if (!begin_way()) return fail({does_not_fit});
  return rewrite(held, most);
}

PayloadFilter::Progress PayloadFilter::empty_it(MutableBytes held) {
  auto no_op = NoOp::commit(context_.header, context_.format.checksum);
  if (!no_op) return fail({"no no-op fits into the event's place"});
  for (const Piece& piece : pieces_) no_op->overwrite(held.subspan(piece.offset, piece.size));
  return Progress::done;
}

/// false: there is none left.
bool PayloadFilter::begin_way() {
  if (way_ == ways.size() || scan_.size() > ways.at(way_).largest) return false;
  const Way& way = ways.at(way_++);
  const binlog::ZstdWay zstd{way.level, scan_.size(),
                             way.tells_size_as_master == master_tells_size_, way.splits_blocks};
  rewriting_.reset();  // its room first
  rewriting_ = std::make_unique<Rewriting>(context_, scan_.header().compression, zstd, workspace_);
  return true;
}

PayloadFilter::Progress PayloadFilter::rewrite(MutableBytes held, std::uint64_t most) {
  for (;;) {
    const auto progress = compress(held, most);
    if (progress == Progress::unfinished) return progress;
    if (progress == Progress::done && put_in_place(held)) return Progress::done;
    if (!failure_.reason.empty()) return Progress::failed;
    if (!begin_way()) return fail({does_not_fit});
  }
}

/// `failed` without a failure: it does not fit.
PayloadFilter::Progress PayloadFilter::compress(MutableBytes held, std::uint64_t& most) {
  Rewriting& now = *rewriting_;
  bool whole = true;
  while (whole && (now.piece < pieces_.size() || now.scan.has_more())) {
    if (most == 0) return Progress::unfinished;
    Bytes rest;
    if (now.piece < pieces_.size()) {
      const Piece& piece = pieces_[now.piece];
      rest = held.subspan(piece.offset, piece.size).subspan(now.done_of_piece);
    }
    const std::size_t there = rest.size();
    whole = now.scan.feed(rest, most);
    now.done_of_piece += there - rest.size();
    if (!rest.empty() || now.piece == pieces_.size()) continue;
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
