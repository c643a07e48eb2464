#include "filters/stream/stream_filter.hpp"

#include <algorithm>

#include "filters/stream/payload_filter.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/semi_sync.hpp"

namespace sluice::filters {

using binlog::EventHeader;
using binlog::EventType;
using Decision = EventJudge::Decision;
using wire::eof_header;
using wire::err_header;
using wire::max_packet_payload;
using wire::ok_header;
using wire::packet_header_size;
using wire::semi_sync_magic;

namespace {

std::size_t length_of_packet(Bytes packet) {
  return static_cast<std::size_t>(load_le<3>(packet.data()));
}

/// The sequence number behind that of `packet`. Behind an event that is acknowledged both sides
/// count anew, as recorded of both families (MariaDB: sql/semisync_master.cc, flush_net).
std::uint8_t sequence_behind(Bytes packet, bool is_acknowledged) {
  return is_acknowledged ? std::uint8_t{1} : static_cast<std::uint8_t>(packet[3] + 1);
}

}  // namespace

StreamFilter::StreamFilter(const TableRules& rules, StreamOptions options)
    : judge_(rules, options.replica_is_mariadb),
      rules_(rules),
      max_payload_(options.max_payload),
      in_slices_(options.in_slices),
      framing_(options.framing) {
  set_observer(options.observer);
}

StreamFilter::~StreamFilter() = default;

void StreamFilter::set_observer(EventObserver* observer) {
  if (observer == observer_) return;
  observer_ = observer;
  for (std::size_t type = 0; type < observed_.size(); ++type) {
    observed_[type] = observer != nullptr && observer->wants(static_cast<EventType>(type));
  }
}

std::size_t StreamFilter::wanted() const {
  if (payload_ == nullptr) return scanned_ + needed_;
  const std::uint64_t packets_left = event_left_ / max_packet_payload + 1;
  return scanned_ + static_cast<std::size_t>(event_left_ + packets_left * packet_header_size);
}

std::size_t StreamFilter::scan(MutableBytes received) {
  released_ = 0;
  while (state_ == State::flowing) {
    if (is_busy()) {
      packet_is_over(received);
      if (is_busy()) break;
      continue;
    }
    if (flowing_ > 0) {
      if (scanned_ == received.size()) break;
      flow(received);
      if (is_busy()) break;
      continue;
    }
    const auto step = continued_                  ? begin_continuation(received)
                      : framing_ == Framing::none ? begin_bare_event(received)
                                                  : begin_packet(received);
    if (step == Step::wait) break;
  }
  counters_.bytes += released_;
  scanned_ -= released_;
  return released_;
}

/// Lets the packet under way pass, as far as it is there.
void StreamFilter::flow(MutableBytes received) {
  const MutableBytes piece =
      received.subspan(scanned_, std::min(flowing_, received.size() - scanned_));
  if (no_op_) no_op_->overwrite(piece);
  if (payload_ && !payload_->feed(scanned_ - released_, piece)) return fail_payload();
  flowing_ -= piece.size();
  event_left_ -= piece.size();
  scanned_ += piece.size();
  packet_is_over(received);
}

/// Lets go what was scanned, unless it is the payload that is held.
void StreamFilter::packet_is_over(MutableBytes received) {
  if (payload_ && !in_packet()) go_on_with_payload(received);
  if (payload_ || state_ == State::failed) return;
  released_ = scanned_;
  next_sequence_ = scanned_sequence_;
  if (!in_packet()) no_op_.reset();
}

StreamFilter::Step StreamFilter::begin_continuation(MutableBytes received) {
  const MutableBytes rest = received.subspan(scanned_);
  if (rest.size() < packet_header_size) return Step::wait;
  const std::size_t length = length_of_packet(rest);
  if (length != std::min<std::uint64_t>(max_packet_payload, event_left_)) {
    fail(EventType::unknown, "a packet that does not go on with the event before it");
    return Step::wait;
  }
  flowing_ = length;
  continued_ = length == max_packet_payload;
  scanned_sequence_ = sequence_behind(rest, acknowledged_ && !continued_);
  scanned_ += packet_header_size;
  packet_is_over(received);
  return Step::go_on;
}

StreamFilter::Step StreamFilter::begin_packet(MutableBytes received) {
  const MutableBytes rest = received.subspan(scanned_);
  if (rest.size() < std::max(needed_, packet_header_size + 1)) return Step::wait;
  if (must_stop()) return Step::wait;
  const std::size_t length = length_of_packet(rest);
  const std::uint8_t status = length > 0 ? rest[packet_header_size] : eof_header;
  if (status == ok_header) return begin_event(received, length);

  if (length == 0 || length == max_packet_payload ||
      (status != eof_header && status != err_header)) {
    fail(EventType::unknown, "a packet that a dump does not have");
    return Step::wait;
  }
  if (rest.size() < packet_header_size + length) {
    needed_ = packet_header_size + length;
    return Step::wait;
  }
  end_stream(received, packet_header_size + length);
  return Step::wait;
}

/// By the master's EOF or ERR, of so many bytes, which is next. What is held has not gone and does
/// not go any more: a replica that comes back is sent it again. The packet takes its place.
void StreamFilter::end_stream(MutableBytes received, std::size_t size) {
  if (!held_.empty()) {
    const MutableBytes packet = received.subspan(scanned_, size);
    std::copy(packet.begin(), packet.end(), received.subspan(released_).begin());
    received[released_ + 3] = next_sequence_;
    held_.clear();
    judge_.release_held();
    scanned_ = released_;
  }
  end_size_ = size;
  scanned_ += size;
  released_ = scanned_;
  state_ = State::ended;
}

// Those that are inline are steps of decide() or before it, taken with each event.

inline StreamFilter::Step StreamFilter::begin_event(MutableBytes received, std::size_t length) {
  const MutableBytes rest = received.subspan(scanned_);
  if (framing_ == Framing::semi_sync_packets && counters_.events == 0 && length > 1) {
    // The replica asked for semi-synchronous replication, the master may have turned it off since.
    // The first event is a made-up ROTATE: without the mark it begins with a time stamp of zero.
    if (rest.size() == packet_header_size + 1) return Step::wait;
    if (rest[packet_header_size + 1] != semi_sync_magic) framing_ = Framing::packets;
  }
  const bool marked = framing_ == Framing::semi_sync_packets;
  const std::size_t status_size = marked ? 3 : 1;
  const std::size_t prefix = packet_header_size + status_size;
  if (length < status_size + binlog::event_header_size) {
    fail(EventType::unknown, "a packet that is too short for an event");
    return Step::wait;
  }
  if (rest.size() < prefix + binlog::event_header_size) return Step::wait;
  if (marked && rest[packet_header_size + 1] != semi_sync_magic) {
    fail(EventType::unknown, "a packet without the mark of semi-synchronous replication");
    return Step::wait;
  }
  const auto header = binlog::parse_event_header(rest.subspan(prefix));
  const std::size_t here = length - status_size;  // of the event, in this packet
  const bool continued = length == max_packet_payload;
  if (!header || (continued ? header->size < here : header->size != here)) {
    fail(EventType::unknown, "an event whose size contradicts its packet");
    return Step::wait;
  }
  return decide({*header, prefix, packet_header_size + length, continued}, received);
}

StreamFilter::Step StreamFilter::begin_bare_event(MutableBytes received) {
  const MutableBytes rest = received.subspan(scanned_);
  if (rest.size() < std::max(needed_, binlog::event_header_size) || must_stop()) return Step::wait;
  const auto header = binlog::parse_event_header(rest);
  if (!header) {
    fail(EventType::unknown, "an event that is smaller than its header");
    return Step::wait;
  }
  return decide({*header, 0, header->size, false}, received);
}

/// Asking is no use before so many bytes of the event are there.
StreamFilter::Step StreamFilter::wait_for(std::size_t size, const Frame& frame) {
  needed_ = std::min(frame.prefix + size, frame.size);
  return Step::wait;
}

StreamFilter::Step StreamFilter::decide(const Frame& frame, MutableBytes received) {
  const Bytes packet = received.subspan(scanned_, std::min(received.size() - scanned_, frame.size));
  const Bytes event = packet.subspan(frame.prefix);
  if (packet.size() < frame.size && is_observed(frame.header.type)) {
    const std::size_t wanted = observer_->bytes_wanted(frame.header);
    if (event.size() < wanted) return wait_for(wanted, frame);
  }
  auto judgement = judge_.judge(frame.header, event);
  if (judgement.decision == Decision::settle) {
    if (!release_held(received)) return Step::wait;
    judgement = judge_.judge(frame.header, event);
  }
  if (judgement.decision == Decision::undecidable) show_held(received);
  return act_on(judgement, frame, packet);
}

/// `packet` is what there is of it.
inline StreamFilter::Step StreamFilter::act_on(const EventJudge::Judgement& judgement,
                                               const Frame& frame, Bytes packet) {
  const EventHeader& header = frame.header;
  switch (judgement.decision) {
    case Decision::need_more:
      if (packet.size() < frame.size) return wait_for(judgement.needed, frame);
      fail(header.type, "an event that is too large to be judged");
      return Step::wait;
    case Decision::undecidable:
      show_undecidable(frame, position_.begin_of(header), packet.subspan(frame.prefix), judgement);
      fail(header.type, judgement.reason, judgement.statement());
      return Step::wait;
    case Decision::need_context:
      state_ = State::needs_context;
      return Step::wait;
    case Decision::settle:
      fail(header.type, "a statement without an end");
      return Step::wait;
    case Decision::hold:
      if (frame.continued) {  // by an empty packet: one byte less, and it would be held
        fail(header.type, "an event that is too large to be judged");
        return Step::wait;
      }
      held_.push_back({frame, position_.begin_of(header)});
      scanned_ += frame.size;
      break;
    case Decision::open:
      if (must_open()) {
        if (!open_payload(frame, packet)) return Step::wait;
        start_flow(frame, packet);
        break;
      }
      [[fallthrough]];
    case Decision::pass:
    case Decision::replace:
      if (let_flow(frame, packet, judgement) == Step::wait) return Step::wait;
      break;
  }
  needed_ = 0;
  counters_.count(header.type);
  position_.pass(header, packet.subspan(frame.prefix), judge_.format().checksum);
  return Step::go_on;
}

inline StreamFilter::Step StreamFilter::let_flow(const Frame& frame, Bytes packet,
                                                 const EventJudge::Judgement& judgement) {
  if (is_observed(frame.header.type) &&
      !observe(frame, position_.begin_of(frame.header), packet.subspan(frame.prefix), judgement)) {
    return Step::wait;
  }
  if (judgement.decision == Decision::replace) {
    no_op_ = judge_.no_op();
    counters_.drop(frame.header.size, judgement.rule);
  }
  start_flow(frame, packet);
  if (packet.size() == frame.size && !no_op_) {  // so are most: nothing of it is left to flow
    scanned_ += flowing_;
    event_left_ -= flowing_;
    flowing_ = 0;
  }
  released_ = scanned_;
  next_sequence_ = scanned_sequence_;
  return Step::go_on;
}

inline bool StreamFilter::is_acknowledged(Bytes packet) const {
  constexpr std::size_t flag = packet_header_size + 2;
  return framing_ == Framing::semi_sync_packets && (packet[flag] & wire::semi_sync_ack_wanted) != 0;
}

/// From here on the event comes, or goes, piece by piece.
inline void StreamFilter::start_flow(const Frame& frame, Bytes packet) {
  if (framing_ != Framing::none) {
    acknowledged_ = is_acknowledged(packet);
    scanned_sequence_ = sequence_behind(packet, acknowledged_ && !frame.continued);
  }
  scanned_ += frame.prefix;
  flowing_ = frame.size - frame.prefix;
  event_left_ = frame.header.size;
  continued_ = frame.continued;
}

/// The held events lie one behind the other before the one in hand. Their fates are known now.
bool StreamFilter::release_held(MutableBytes received) {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const auto& [frame, position] = held_[i];
    const MutableBytes all = received.subspan(released_, frame.size);
    const MutableBytes event = all.subspan(frame.prefix);
    const auto judgement = judge_.judgement_of_held(i);
    if (judgement.decision != Decision::pass && judgement.decision != Decision::replace) {
      show_undecidable(frame, position, event, judgement);
      fail(StreamFailure{
          {position_.end().file, position}, frame.header.type, {}, std::string(judgement.reason)});
      return false;
    }
    if (is_observed(frame.header.type) && !observe(frame, position, event, judgement)) return false;
    if (judgement.decision == Decision::replace) {
      NoOp(judge_.no_op()).overwrite(event);
      counters_.drop(event.size(), judgement.rule);
    }
    if (framing_ != Framing::none) next_sequence_ = sequence_behind(all, is_acknowledged(all));
    released_ += frame.size;
  }
  held_.clear();
  judge_.release_held();
  return true;
}

bool StreamFilter::observe(const Frame& frame, std::uint64_t position, Bytes event,
                           const EventJudge::Judgement& judgement) {
  const std::string refusal = observer_->see(
      {position_.end().file, position, frame.header, event, judge_.format(),
       judgement.decision == Decision::replace, false, judgement.rule, judgement.subject});
  if (refusal.empty()) return true;
  fail(StreamFailure{{position_.end().file, position}, frame.header.type, {}, refusal});
  return false;
}

/// Those that belong to what cannot be judged.
void StreamFilter::show_held(Bytes received) {
  std::size_t begin = released_;
  for (const auto& [frame, position] : held_) {
    const Bytes packet = received.subspan(begin, frame.size);
    show_undecidable(frame, position, packet.subspan(frame.prefix), {Decision::undecidable});
    begin += frame.size;
  }
}

void StreamFilter::show_undecidable(const Frame& frame, std::uint64_t position, Bytes event,
                                    const EventJudge::Judgement& judgement) {
  if (!is_observed(frame.header.type)) return;
  observer_->see_undecidable({position_.end().file, position, frame.header, event, judge_.format(),
                              false, false, judgement.rule, judgement.subject});
}

bool StreamFilter::must_stop() {
  if (stop_at_border_ && judge_.at_group_border()) {
    state_ = State::stopped;
  } else if (stop_position_ && position_.end().position >= *stop_position_) {
    if (position_.end().position == *stop_position_) {
      state_ = State::stopped;
    } else {
      fail(EventType::unknown, "no event begins at the position asked for");
    }
  }
  return state_ != State::flowing;
}

Coordinates StreamFilter::waiting_position() const {
  if (payload_ != nullptr) return payload_->at();
  return held_.empty() ? position_.end()
                       : Coordinates{position_.end().file, held_.front().position};
}

std::string StreamFilter::last_gtid() const {
  const auto& last = judge_.last_gtid();
  if (const auto* gtid = std::get_if<binlog::Gtid>(&last)) return to_text(*gtid);
  if (const auto* gtid = std::get_if<binlog::MariadbGtid>(&last)) return to_text(*gtid);
  return {};
}

void StreamFilter::begin_file(std::string file, std::uint64_t position) {
  position_.begin({std::move(file), position});
  judge_.adopt({GroupState::Phase::between_groups, {}, false});
}

void StreamFilter::begin_payload(const binlog::FormatDescription& format) {
  judge_.begin_payload(format);
}

void StreamFilter::adopt_context(GroupState context) {
  judge_.adopt(std::move(context));
  if (state_ == State::needs_context) state_ = State::flowing;
}

void StreamFilter::fail(std::string_view reason) {
  fail(StreamFailure{waiting_position(), EventType::unknown, {}, std::string(reason)});
}

void StreamFilter::fail(EventType type, std::string_view reason, std::string_view statement) {
  fail(StreamFailure{position_.end(), type, statement, std::string(reason)});
}

void StreamFilter::fail(StreamFailure failure) {
  state_ = State::failed;
  if (!failure_) failure_ = std::move(failure);
}

}  // namespace sluice::filters
