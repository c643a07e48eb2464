// What StreamFilter does with a compressed transaction.
#include "filters/stream/payload_filter.hpp"
#include "filters/stream/stream_filter.hpp"

namespace sluice::filters {

bool StreamFilter::must_open() const {
  if (stop_position_) return false;
  return !rules_.drops_nothing() || (observer_ != nullptr && observer_->opens_payloads());
}

/// Holds a compressed transaction until all of it has been judged. false: the stream stops.
bool StreamFilter::open_payload(const Frame& frame, Bytes packet) {
  const Coordinates at{position_.end().file, position_.begin_of(frame.header)};
  if (frame.header.size > max_payload_) {
    show_undecidable(frame, at.position, packet.subspan(frame.prefix),
                     {EventJudge::Decision::undecidable});
    fail(frame.header.type, payload_too_large);
    return false;
  }
  if (is_observed(frame.header.type) &&
      !observe(frame, at.position, packet.subspan(frame.prefix), {EventJudge::Decision::open})) {
    return false;
  }
  if (!payload_workspace_) payload_workspace_ = std::make_unique<PayloadWorkspace>();
  payload_ = std::make_unique<PayloadFilter>(
      PayloadContext{rules_, frame.header, judge_.format(), at, max_payload_}, observer_,
      *payload_workspace_);
  ++counters_.payloads;
  return true;
}

/// All of it has come.
void StreamFilter::go_on_with_payload(MutableBytes received) {
  // A block of zstd, which is compressed at once: half a millisecond at level 3, a tenth of a
  // second at 19 and above.
  constexpr std::uint64_t slice = std::uint64_t{128} << 10;
  const MutableBytes held = received.subspan(released_, scanned_ - released_);
  switch (payload_->patch(held, in_slices_ ? slice : UINT64_MAX)) {
    case PayloadFilter::Progress::unfinished:
      return;
    case PayloadFilter::Progress::failed:
      return fail_payload();
    case PayloadFilter::Progress::done:
      break;
  }
  counters_.add_drops(payload_->counters());
  payload_.reset();
}

void StreamFilter::fail_payload() {
  const PayloadFailure& failure = payload_->failure();
  fail(StreamFailure{payload_->at(), binlog::EventType::transaction_payload, failure.statement,
                     failure.reason});
}

}  // namespace sluice::filters
