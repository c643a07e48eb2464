#include "proxy/replica/dump_relay.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>

#include "protocol/wire/command.hpp"
#include "protocol/wire/semi_sync.hpp"
#include "protocol/wire/server_error.hpp"
#include "proxy/base/failure_text.hpp"
#include "proxy/event_loop/spawn.hpp"
#include "proxy/master/dump_context.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using boost::system::error_code;
using filters::StreamFilter;

namespace {

/// A replica that does not take its last packet within this time goes without it.
constexpr Duration goodbye_time = std::chrono::seconds(1);

/// A replica that neither hangs up nor acknowledges anything for so long when all has been sent to
/// it may lose what it has not read of that; and in any case behind the second of the two.
constexpr Duration leave_time = std::chrono::seconds(5);
constexpr Duration longest_leave = std::chrono::minutes(1);

/// A master that has sent nothing for so long has nothing more.
constexpr Duration quiet_time = std::chrono::milliseconds(200);

std::string describe(const filters::StreamFailure& failure) {
  return "Sluice stops before " + text_of(failure);
}

bool is_command(Bytes payload, wire::Command command) {
  return !payload.empty() && payload.front() == static_cast<std::uint8_t>(command);
}

}  // namespace

Task<std::string> DumpRelay::run(const log::Context& log) {
  const auto executor = co_await asio::this_coro::executor;
  parts_.master->start_streaming();
  parts_.replica->start_streaming();
  spawn(executor, "acknowledgements",
        [self = shared_from_this()] { return self->read_the_replica(); });
  co_await events_down(log);
  // It ends here, or what it still says is waited for.
  while (!parts_.replica->has_ended()) {
    error_code cancelled;
    co_await gone_.async_wait(asio::redirect_error(use_task, cancelled));
  }
  co_return reason_;
}

Task<void> DumpRelay::events_down(const log::Context& log) {
  while (reason_.empty()) {
    if (is_drained()) {
      take_leave(draining_);
      co_return;
    }
    receive_buffer_.adapt();
    reading_ = true;
    const std::size_t size = co_await parts_.master->read_some(buffer_);
    reading_ = false;
    if (size == 0) {
      if (!draining_.empty() && filter_.at_group_border()) take_leave(draining_);
      take_leave("the master's connection: " + parts_.master->error());
      co_return;
    }
    if (!reason_.empty()) co_return;
    read_at_ = Clock::now();
    buffer_.received(size);
    look_for_taps();
    bool again = true;
    while (again) {
      const Bytes released = judge();
      const bool flowing = filter_.state() == StreamFilter::State::flowing;
      Bytes rest = released;
      const bool written = parts_.replica->write_now(rest);
      buffer_.release(released.size() - rest.size());
      if (!written) {
        // Other streams can have the room that is not needed while this one waits.
        parts_.master->park();
        if (flowing) rest = buffer_.park().first(rest.size());
        if (!co_await parts_.replica->write(rest)) {
          end("the replica's connection: " + parts_.replica->error());
          break;
        }
        buffer_.release(rest.size());
      }
      if (!released.empty()) {
        passed_on();
      } else if (filter_.is_waiting()) {
        co_await keep_replica(log);
      }
      if (filter_.is_busy()) {
        co_await asio::post(use_task);
        again = reason_.empty();
        continue;
      }
      if (flowing) break;
      again = co_await look_behind_or_end(log);
    }
    parts_.target->metrics->report(filter_.counters(), reported_);
    if (!reason_.empty()) co_return;
    buffer_.give_back();
    // Where master and replica never have to be waited for, the thread's other sessions would be.
    if (!parts_.master->has_waited()) co_await asio::post(use_task);
    if (!buffer_.make_room(filter_.wanted())) {
      filter_.fail("the head of a statement is too large to be held");
      co_await fail_closed(log);
      co_return;
    }
  }
}

/// Scans what has come. Returns what may go.
Bytes DumpRelay::judge() {
  const std::uint64_t events_before = filter_.counters().events;
  const MutableBytes released = buffer_.pending().first(filter_.scan(buffer_.pending()));
  heartbeats_.renumber(released);
  if (tapped_) {
    if (tap_is_full_) parts_.tap->missed(filter_.counters().events - events_before);
    if (parts_.tap->wants_stream()) parts_.tap->released(released);
    parts_.tap->flush();
  }
  if (filter_.state() == StreamFilter::State::ended) note_end(released.last(filter_.end_size()));
  return released;
}

/// The replica gets the master's error as it is, Sluice's own log and the tap tell of it.
void DumpRelay::note_end(Bytes packet) {
  master_error_ = wire::parse_err(packet.subspan(wire::packet_header_size));
  if (master_error_) parts_.tap->dump_failed(packet);
}

/// Returns it as the tail of a reason, empty if there is none.
std::string DumpRelay::tell_master_error(const log::Context& log) const {
  if (!master_error_) return {};
  const std::string text = std::to_string(master_error_->code) + " " + master_error_->message;
  log.warn("the master ended the dump", {{"reason", text}});
  return ": " + text;
}

/// The replica has been sent something.
void DumpRelay::passed_on() {
  written_at_ = Clock::now();
  parts_.target->metrics->added_latency(written_at_ - read_at_);
}

/// Nothing of what has come can go yet: the replica is not to take that for the master's end.
Task<void> DumpRelay::keep_replica(const log::Context& log) {
  if (!reason_.empty() || !heartbeats_.is_due(Clock::now() - written_at_)) co_return;
  const Buffer packet = heartbeats_.next(filter_);
  if (packet.empty()) co_return;
  const auto at = filter_.waiting_position();
  if (at != kept_at_) {
    log.info("heartbeats of Sluice's own", {{"file", at.file}, {"position", at.position}});
  }
  kept_at_ = at;
  if (parts_.tap->wants_stream()) parts_.tap->released(packet);
  if (!co_await parts_.replica->write(packet)) {
    end("the replica's connection: " + parts_.replica->error());
  }
  written_at_ = Clock::now();
}

/// It is to end, and the replica has the group: there may be no next event on which to stop.
bool DumpRelay::is_drained() {
  return !draining_.empty() && buffer_.pending().empty() && filter_.at_group_border();
}

/// The filter does not let the stream flow. true: it does now. false: the stream has ended.
Task<bool> DumpRelay::look_behind_or_end(const log::Context& log) {
  switch (filter_.state()) {
    case StreamFilter::State::flowing:
      co_return true;
    case StreamFilter::State::needs_context: {
      const bool known = co_await look_behind(log);
      co_return known;
    }
    case StreamFilter::State::stopped:
      take_leave(draining_);
      co_return false;
    case StreamFilter::State::ended:
      take_leave("the master ended the dump" + tell_master_error(log));
      co_return false;
    case StreamFilter::State::failed:
      co_await fail_closed(log);
      co_return false;
  }
  co_return false;
}

/// Before a scan: somebody may begin to tap, or stop.
void DumpRelay::look_for_taps() {
  parts_.tap->look();
  if (!parts_.tap->is_tapped() && !tapped_) return;
  tapped_ = parts_.tap->is_tapped();
  tap_is_full_ = parts_.tap->wants_events() && !parts_.tap->has_room_for_events();
  if (parts_.tap->wants_events() && !tap_is_full_) {
    filter_.set_observer(&event_tap_);
  } else {
    filter_.set_observer(parts_.observer.get());
  }
  if (parts_.tap->wants_stream()) parts_.tap->join_stream(filter_, parts_.semi_sync);
}

Task<bool> DumpRelay::look_behind(const log::Context& log) {
  const auto at = filter_.position();
  const KnownContexts::Place place{parts_.master_address, at};
  if (auto known = parts_.contexts->take(place)) {
    filter_.adopt_context(*std::move(known));
    co_return true;
  }
  const auto begin = Clock::now();
  log.info("reading what comes before the replica's position",
           {{"file", at.file}, {"position", at.position}});
  const std::function<Task<void>()> meanwhile = [&] { return keep_replica(log); };
  auto context = co_await find_context(*parts_.target, parts_.master_address, *parts_.rules, at,
                                       looking_behind_, meanwhile);
  if (!reason_.empty()) co_return false;
  if (!draining_.empty()) {
    end(draining_);
    co_return false;
  }
  if (!context) {
    const std::string reason = "reading before the replica's position: " + context.error().reason;
    if (context.error().of_stream) {
      filter_.fail(reason);
      const std::string text = describe(*filter_.failure());
      co_await stop_stream(text, log);
    } else {
      end(reason);
    }
    co_return false;
  }
  // The rest of what the master has sent may still be on its way, so this is the only sign of it.
  if (Clock::now() - begin > parts_.master_patience / 2) {
    parts_.contexts->keep(place, *std::move(context));
    end("the master may have given up while Sluice read what comes before the replica's position, "
        "which is known now for when it comes back");
    co_return false;
  }
  filter_.adopt_context(*std::move(context));
  co_return true;
}

/// Before an event of this stream. Where that is its first, there may be no event at all.
Task<void> DumpRelay::fail_closed(const log::Context& log) {
  std::string text = describe(*filter_.failure());
  if (filter_.failure()->at == parts_.start) {
    text +=
        "; if no event begins there, it is the replica's position that is wrong: SHOW BINLOG "
        "EVENTS at the master tells";
  }
  co_await stop_stream(text, log);
}

Task<void> DumpRelay::stop_stream(const std::string& text, const log::Context& log) {
  log.write(parts_.is_of_tool ? LogLevel::warn : LogLevel::error, "stream stopped",
            {{"reason", text}});
  if (!parts_.is_of_tool) parts_.target->metrics->stream_failed();
  const auto error = wire::errors::fatal_binlog_error(text);
  co_await stop_with(error);
  take_leave(text);
}

/// In the middle of a packet there is no place for an error: then the replica sees a broken
/// connection, and comes back at a position that is right.
Task<void> DumpRelay::stop_with(const wire::ErrPacket& error) {
  if (!filter_.between_packets()) co_return;
  Buffer payload, packet;
  wire::serialize(error, payload);
  std::uint8_t sequence = heartbeats_.next_sequence(filter_);
  wire::append_packet(packet, payload, sequence);
  parts_.tap->answered(packet);
  parts_.replica->set_deadline(goodbye_time, "sending the last packet");
  (void)co_await parts_.replica->write(packet);
}

/// While events go down. The stream does not outlive this.
Task<void> DumpRelay::read_the_replica() {
  try {
    co_await acknowledgements_up();
  } catch (const std::exception& error) {
    end(std::string("given up: ") + error.what());
  }
  // Whichever way it has ended: run() waits for it.
  end("the replica's connection: " + parts_.replica->error());
}

Task<void> DumpRelay::acknowledgements_up() {
  constexpr std::size_t limit = 1024;  // an acknowledgement has a position and a file name
  PacketChannel channel(parts_.replica, limit);
  Buffer packet;
  channel.read_ahead(limit);
  while (!parts_.replica->has_ended()) {
    channel.begin_command();
    const auto payload = co_await channel.read();
    if (!payload) {
      end("the replica's connection: " + parts_.replica->error());
    } else if (parts_.semi_sync && wire::parse_semi_sync_ack(*payload)) {
      std::uint8_t sequence = 0;
      packet.clear();
      wire::append_packet(packet, *payload, sequence);
      if (auto* compressed = parts_.master->compressed()) compressed->begin_command();
      // A commit waits for this: it goes before it is counted.
      Bytes rest = packet;
      const bool written = parts_.master->write_now(rest);
      parts_.target->metrics->acknowledged(Clock::now() - written_at_);
      parts_.target->metrics->bytes_up(packet.size());
      parts_.tap->acknowledged(*payload);
      ++acknowledgements_;
      prolong_leave();
      if (!written) {
        // A master that has gone may have sent something before: that goes down all the same.
        const bool sent = co_await parts_.master->write(rest);
        if (!sent && parts_.master->has_ended() && reason_.empty()) {
          end("the master's connection: " + parts_.master->error());
        }
      }
    } else if (is_command(*payload, wire::Command::quit)) {
      end("the replica has quit");
    } else if (!is_command(*payload, wire::Command::ping)) {
      // A ping keeps a connection alive; a master does not read it while it dumps, nor answer.
      end("the replica sent something that is not an acknowledgement");
    }
    if (!parts_.replica->has_waited()) co_await asio::post(use_task);
  }
}

void DumpRelay::fill(SessionStatus& status) const {
  status.file = filter_.position().file;
  status.position = filter_.position().position;
  status.gtid = filter_.last_gtid();
  status.counters = filter_.counters();
  status.acknowledgements = acknowledgements_;
  const auto newest = filter_.newest_event();
  const bool caught_up =
      reading_ && !filter_.is_waiting() && Clock::now() - written_at_ > quiet_time;
  if (newest == 0 || caught_up) return;
  const auto age = std::chrono::system_clock::now() -
                   std::chrono::system_clock::from_time_t(static_cast<std::time_t>(newest));
  status.behind = std::max<std::chrono::duration<double>>(age, std::chrono::seconds(0));
}

void DumpRelay::drain(std::string reason) {
  draining_ = std::move(reason);
  filter_.stop_at_group_border();
  looking_behind_.raise(draining_);  // nothing has gone to the replica yet
  if (reading_ && is_drained()) take_leave(draining_);
}

/// The replica has been sent all that it gets. It may take its time to read that, and the master
/// still hears what it acknowledges, until it hangs up.
void DumpRelay::take_leave(std::string reason) {
  if (!reason_.empty()) return;
  reason_ = std::move(reason);
  parts_.replica->end_sending();
  leave_at_most_until_ = Clock::now() + longest_leave;
  prolong_leave();
}

void DumpRelay::prolong_leave() {
  const auto left = leave_at_most_until_ - Clock::now();
  if (left.count() <= 0) return;
  const auto patience = std::min<Duration>(leave_time, std::chrono::ceil<Duration>(left));
  parts_.replica->set_deadline(patience, "waiting for the replica to hang up");
  // Nobody notices the end of that while an acknowledgement waits for a master that reads none.
  leave_.expires_after(patience);
  leave_.async_wait([weak = weak_from_this(), until = leave_.expiry()](error_code cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self || self->leave_.expiry() != until) return;
    self->parts_.master->close(self->reason_);
  });
}

void DumpRelay::end(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  looking_behind_.raise(reason_);
  parts_.master->close(reason_);
  parts_.replica->close(reason_);
  gone_.cancel();
}

}  // namespace sluice::proxy
