#include "filters/stream/no_op.hpp"

#include <algorithm>

#include "protocol/binlog/checksum.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rows_event.hpp"

namespace sluice::filters {

using binlog::Checksum;
using binlog::EventHeader;
using binlog::EventType;

namespace {

constexpr std::string_view savepoint_text = "SAVEPOINT _";
/// A QUERY without status variables up to its text: an empty database, and its NUL.
constexpr std::size_t query_head_size =
    binlog::event_header_size + binlog::query_post_header_size + 1;

}  // namespace

NoOp::NoOp(const EventHeader& dropped, Checksum checksum, EventType type, std::uint16_t flags)
    : size_(dropped.size), checksum_size_(binlog::checksum_size(checksum)) {
  append(dropped.timestamp, 4);
  append(static_cast<std::uint8_t>(type), 1);
  append(dropped.server_id, 4);
  append(dropped.size, 4);
  append(dropped.log_pos, 4);
  append(flags, 2);
}

void NoOp::append(std::uint64_t value, std::size_t width) {
  store_le(head_.data() + head_size_, value, width);
  head_size_ += width;
}

void NoOp::append(std::string_view text) {
  std::copy(text.begin(), text.end(), head_.begin() + static_cast<std::ptrdiff_t>(head_size_));
  head_size_ += text.size();
}

std::optional<NoOp> NoOp::ignorable(const EventHeader& dropped, Checksum checksum) {
  const auto flags = static_cast<std::uint16_t>(dropped.flags | binlog::event_flag::ignorable);
  NoOp no_op(dropped, checksum, EventType::ignorable, flags);
  if (!no_op.fits()) return std::nullopt;
  return no_op;
}

std::optional<NoOp> NoOp::query(const EventHeader& dropped, Checksum checksum,
                                std::string_view statement) {
  // No thread and no default database: nothing may depend on a session that is not replicated.
  const auto flags =
      static_cast<std::uint16_t>((dropped.flags & ~unsigned{binlog::event_flag::thread_specific}) |
                                 binlog::event_flag::suppress_use);
  NoOp no_op(dropped, checksum, EventType::query, flags);
  // No thread, no error code, no status variables, no database. All zero.
  no_op.head_size_ = query_head_size;
  no_op.append(statement);
  if (!no_op.fits()) return std::nullopt;

  constexpr std::string_view open = "/*", close = "*/";
  no_op.filler_ = ' ';
  if (no_op.head_size_ + open.size() + close.size() <= no_op.body_end()) {
    no_op.append(open);
    no_op.filler_ = '.';
    no_op.tail_ = close;
  }
  return no_op;
}

std::optional<NoOp> NoOp::commit(const EventHeader& dropped, Checksum checksum) {
  return query(dropped, checksum, "COMMIT ");
}

std::optional<NoOp> NoOp::savepoint(const EventHeader& dropped, Checksum checksum) {
  return query(dropped, checksum, savepoint_text);
}

bool NoOp::can_be_savepoint(const EventHeader& dropped, Checksum checksum) {
  return query_head_size + savepoint_text.size() + binlog::checksum_size(checksum) <= dropped.size;
}

std::optional<NoOp> NoOp::rows_of_no_table(const EventHeader& dropped, Checksum checksum,
                                           std::uint16_t flags) {
  const auto layout = binlog::rows_layout(dropped.type);
  if (!layout) return std::nullopt;
  // Rows of nothing cannot be inflated: a compressed type becomes its plain one.
  NoOp no_op(dropped, checksum, layout->plain, dropped.flags);
  no_op.append(binlog::dummy_table_id, 6);
  no_op.append(flags, 2);
  if (layout->extra_data) no_op.append(2, 2);  // no more than its own length
  no_op.append(1, 1);                          // one column, in none of the bitmaps
  no_op.append(0, layout->update ? 2 : 1);
  if (!no_op.fits()) return std::nullopt;
  return no_op;
}

void NoOp::overwrite(MutableBytes piece) {
  const auto region = [&](std::size_t from, std::size_t to) {  // of the event, within this piece
    const std::size_t end = written_ + piece.size();
    from = std::clamp(from, written_, end);
    to = std::clamp(to, from, end);
    return piece.subspan(from - written_, to - from);
  };
  const std::size_t tail_begin = body_end() - tail_.size();

  const auto head = region(0, head_size_);
  std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(std::min(written_, head_size_)),
              head.size(), head.begin());
  const auto filling = region(head_size_, tail_begin);
  std::fill(filling.begin(), filling.end(), filler_);
  const auto tail = region(tail_begin, body_end());
  if (!tail.empty()) {
    const auto skipped =
        static_cast<std::size_t>(tail.data() - piece.data()) + written_ - tail_begin;
    std::copy_n(tail_.begin() + static_cast<std::ptrdiff_t>(skipped), tail.size(), tail.begin());
  }

  crc_ = binlog::crc32_of(region(0, body_end()), crc_);
  const auto trailer = region(body_end(), size_);
  if (!trailer.empty()) {
    std::array<std::uint8_t, 4> crc{};
    store_le(crc.data(), crc_, crc.size());
    const auto skipped =
        static_cast<std::size_t>(trailer.data() - piece.data()) + written_ - body_end();
    std::copy_n(crc.begin() + static_cast<std::ptrdiff_t>(skipped), trailer.size(),
                trailer.begin());
  }
  written_ += piece.size();
}

}  // namespace sluice::filters
