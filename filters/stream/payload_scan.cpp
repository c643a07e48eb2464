#include "filters/stream/payload_scan.hpp"

#include <algorithm>

#include "filters/sql/statement_transaction.hpp"
#include "filters/stream/payload_limit.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rows_event.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using binlog::EventType;

namespace {

/// A payload holds the events of one transaction, behind its GTID
/// (sql/binlog.cc, binlog_cache_data::compress).
bool may_be_in_payload(EventType type) {
  switch (type) {
    case EventType::query:
    case EventType::xid:
    case EventType::xa_prepare:
    case EventType::table_map:
    case EventType::intvar:
    case EventType::rand:
    case EventType::user_var:
    case EventType::begin_load_query:
    case EventType::append_block:
    case EventType::execute_load_query:
    case EventType::delete_file:
    case EventType::rows_query:
    case EventType::ignorable:
      return true;
    default:
      return binlog::rows_layout(type).has_value();
  }
}

/// Whether it is there for its transaction's sake only. What prepares an XA transaction is not: it
/// must be there when it is committed.
bool is_frame(const SeenEvent& seen) {
  switch (seen.header.type) {
    case EventType::xid:
    case EventType::ignorable:
      return true;
    case EventType::query: {
      const auto query = binlog::parse_query_event(seen.event.subspan(binlog::event_header_size),
                                                   binlog::query_post_header_size);
      return query && transaction_control(query->text) != TransactionControl::none;
    }
    default:
      return false;
  }
}

}  // namespace

/// Looks at the events in the payload before anybody else does.
class PayloadScan::Insight : public EventObserver {
 public:
  Insight(const PayloadContext& context, EventObserver* observer)
      : at_(context.at), observer_(observer) {}

  [[nodiscard]] std::size_t bytes_wanted(const EventHeader& header) const override {
    return observer_ == nullptr ? 0 : observer_->bytes_wanted(header);
  }

  [[nodiscard]] std::string see(const SeenEvent& seen) override {
    if (!may_be_in_payload(seen.header.type)) return "it holds an event that no payload holds";
    if (!seen.dropped && !keeps_ && !is_frame(seen)) keeps_ = true;
    return observer_ == nullptr ? std::string() : observer_->see(placed(seen));
  }
  void see_undecidable(const SeenEvent& seen) override {
    if (observer_ != nullptr) observer_->see_undecidable(placed(seen));
  }

  [[nodiscard]] bool keeps_anything() const { return keeps_; }

 private:
  /// As an event of the stream that the payload lies in.
  [[nodiscard]] SeenEvent placed(const SeenEvent& seen) const {
    return {at_.file,     at_.position, seen.header, seen.event,  seen.format,
            seen.dropped, true,         seen.rule,   seen.subject};
  }

  Coordinates at_;
  EventObserver* observer_;
  bool keeps_ = false;
};

PayloadScan::PayloadScan(const PayloadContext& context, EventObserver* observer,
                         binlog::PayloadEncoder* encoder, PayloadWorkspace& workspace)
    : max_size_(context.max_size),
      format_(context.format),
      encoder_(encoder),
      insight_(std::make_unique<Insight>(context, observer)),
      filter_(context.rules, {Framing::none, insight_.get()}),
      buffer_(workspace.buffer),
      decoder_(workspace.decoder) {
  buffer_.clear();
  body_left_ = context.header.size - binlog::event_header_size -
               binlog::checksum_size(context.format.checksum);
  format_.checksum = binlog::Checksum::none;
  filter_.begin_payload(format_);
}

PayloadScan::~PayloadScan() = default;

bool PayloadScan::keeps_anything() const {
  return insight_->keeps_anything();
}

bool PayloadScan::feed(Bytes& piece, std::uint64_t& most) {
  const auto of_header = std::min(header_left_, piece.size());
  header_left_ -= of_header;
  piece = piece.subspan(of_header);

  const auto of_body = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, piece.size()));
  Bytes body = piece.first(of_body);
  if (!head_is_complete_ && !feed_head(body)) return false;
  if (head_is_complete_ && !feed_events(body, most)) return false;
  const std::size_t done = of_body - body.size();
  body_left_ -= done;
  piece = piece.subspan(done);

  if (body_left_ == 0) piece = {};  // what is left is the checksum
  return true;
}

bool PayloadScan::feed_head(Bytes& body) {
  using Progress = binlog::PayloadHeaderReader::Progress;
  const std::size_t before = body.size();
  switch (head_.feed(body)) {
    case Progress::need_more:
      return true;
    case Progress::malformed:
      return fail("its head is malformed");
    case Progress::complete:
      break;
  }
  if (head_.header().payload_size != body_left_ - (before - body.size())) {
    return fail("its size contradicts its event");
  }
  if (head_.header().uncompressed_size.value_or(0) > max_size_) return fail(payload_too_large);
  head_is_complete_ = true;
  decoder_.begin(head_.header().compression);
  return true;
}

bool PayloadScan::feed_events(Bytes& compressed, std::uint64_t& most) {
  while (most > 0 && (has_more_ || !compressed.empty())) {
    MutableBytes space = buffer_.free_space();
    space = space.first(static_cast<std::size_t>(std::min<std::uint64_t>(space.size(), most)));
    const std::size_t there = compressed.size();
    const auto size = decoder_.decode(compressed, space);
    const bool stuck = size == 0 && there > 0 && compressed.size() == there;
    if (!size || stuck) return fail("it cannot be decompressed");
    size_ += *size;
    if (size_ > max_size_) return fail(payload_too_large);
    most -= *size;
    has_more_ = *size == space.size();
    buffer_.received(*size);
    if (!scan()) return false;
  }
  return true;
}

/// Judges what is in the buffer and passes on what may go.
bool PayloadScan::scan() {
  const std::size_t released = filter_.scan(buffer_.pending());
  if (encoder_ != nullptr && !encoder_->encode(buffer_.pending().first(released))) {
    return outgrow();
  }
  buffer_.release(released);
  if (const auto& failure = filter_.failure()) return fail(failure->reason, failure->statement);
  if (!buffer_.make_room(filter_.wanted())) return fail("the head of a statement is too large");
  return true;
}

bool PayloadScan::finish() {
  if (!head_is_complete_ || !decoder_.complete()) return fail("it ends in the middle");
  if (!buffer_.pending().empty() || !filter_.at_group_border()) {
    return fail("its transaction ends in the middle");
  }
  if (head_.header().uncompressed_size.value_or(size_) != size_) {
    return fail("its uncompressed size is wrong");
  }
  if (encoder_ != nullptr && !encoder_->finish()) return outgrow();
  return true;
}

bool PayloadScan::outgrow() {
  outgrown_ = true;
  return false;
}

bool PayloadScan::fail(std::string_view reason, std::string_view statement) {
  failure_.reason = std::string("in a compressed transaction: ") + std::string(reason);
  failure_.statement = statement;
  return false;
}

}  // namespace sluice::filters
