// The stream behind COM_BINLOG_DUMP: events down to the replica, acknowledgements up to the master,
// both at once, until one side ends.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "filters/stream/stream_buffer.hpp"
#include "filters/stream/stream_filter.hpp"
#include "protocol/wire/response.hpp"
#include "proxy/log/logging.hpp"
#include "proxy/master/interrupt.hpp"
#include "proxy/master/master_connection.hpp"
#include "proxy/network/receive_buffer.hpp"
#include "proxy/replica/heartbeats.hpp"
#include "proxy/replica/known_contexts.hpp"
#include "proxy/replica/session_status.hpp"
#include "proxy/tap/event_tap.hpp"

namespace sluice::proxy {

class DumpRelay : public std::enable_shared_from_this<DumpRelay> {
 public:
  struct Parts {
    std::shared_ptr<Connection> replica;
    std::shared_ptr<Connection> master;
    std::shared_ptr<const MasterTarget> target;
    MasterConnection::Address master_address;
    std::shared_ptr<const filters::TableRules> rules;
    std::uint64_t max_payload = 0;
    bool semi_sync = false;
    bool replica_is_mariadb = false;
    std::unique_ptr<filters::EventObserver> observer{};  ///< may be null
    std::shared_ptr<tap::SessionTap> tap;
    Heartbeats::Wish heartbeats;
    /// Where the replica asked to begin; empty: by GTID.
    filters::Coordinates start{};
    std::shared_ptr<KnownContexts> contexts{};
    /// The master gives up what is not read for so long (net_write_timeout).
    Duration master_patience = std::chrono::seconds(60);
    /// It ends with the binlog (BINLOG_DUMP_NON_BLOCK): a tool reads, such as mysqlbinlog or
    /// `sluice check`, and hears itself of what stops it. No replica stands still then.
    bool is_of_tool = false;
  };

  explicit DumpRelay(Parts parts)
      : parts_(std::move(parts)),
        filter_(*parts_.rules, {.framing = filters::packets(parts_.semi_sync),
                                .observer = parts_.observer.get(),
                                .max_payload = parts_.max_payload,
                                .in_slices = true,
                                .replica_is_mariadb = parts_.replica_is_mariadb}),
        buffer_(parts_.master->has_tls() ? filters::StreamBuffer::Room::of_thread
                                         : filters::StreamBuffer::Room::own),
        receive_buffer_(parts_.master->socket()),
        event_tap_(*parts_.tap, filter_, parts_.observer.get()),
        heartbeats_(parts_.heartbeats),
        gone_(parts_.replica->socket().get_executor(), Timer::time_point::max()),
        leave_(parts_.replica->socket().get_executor()) {}

  /// The dump command has been sent to the master. Returns when both connections are closed; the
  /// result is the reason, one phrase for the log.
  [[nodiscard]] Task<std::string> run(const log::Context& log);

  /// Ends the stream as soon as the replica has the whole group under way, without a word: servers
  /// and others come back on a connection that has gone, but only servers on ER_SERVER_SHUTDOWN. On
  /// the session's thread.
  void drain(std::string reason);

  [[nodiscard]] const filters::StreamFilter& stream() const { return filter_; }
  /// With which the master has ended the dump.
  [[nodiscard]] const std::optional<wire::ErrPacket>& master_error() const { return master_error_; }
  /// Adds what is to tell about the stream. On the session's thread.
  void fill(SessionStatus& status) const;

 private:
  Task<void> events_down(const log::Context& log);
  Task<void> read_the_replica();
  Task<void> acknowledgements_up();
  [[nodiscard]] Bytes judge();
  void note_end(Bytes packet);
  [[nodiscard]] std::string tell_master_error(const log::Context& log) const;
  void passed_on();
  [[nodiscard]] bool is_drained();
  Task<bool> look_behind_or_end(const log::Context& log);
  void look_for_taps();
  Task<bool> look_behind(const log::Context& log);
  Task<void> keep_replica(const log::Context& log);
  Task<void> stop_with(const wire::ErrPacket& error);
  Task<void> fail_closed(const log::Context& log);
  Task<void> stop_stream(const std::string& text, const log::Context& log);
  void take_leave(std::string reason);
  void prolong_leave();
  void end(std::string reason);

  Parts parts_;
  filters::StreamFilter filter_;
  filters::StreamBuffer buffer_;
  ReceiveBuffer receive_buffer_;
  tap::EventTap event_tap_;
  bool tapped_ = false;
  bool tap_is_full_ = false;  // so that what is scanned need not be shown to it
  Heartbeats heartbeats_;
  filters::Coordinates kept_at_;  // by the last of them
  std::string reason_;
  Timer gone_;   // cancelled when the replica's connection has ended
  Timer leave_;  // until then it may take to hang up
  Interrupt looking_behind_;
  std::optional<wire::ErrPacket> master_error_;
  std::string draining_;  // why; empty: it is not
  bool reading_ = false;  // waiting for the master

  using Clock = std::chrono::steady_clock;
  filters::StreamCounters reported_;  // as the metrics have them
  Clock::time_point read_at_;         // when the last bytes came
  Clock::time_point written_at_ = Clock::now();
  Clock::time_point leave_at_most_until_;  // from take_leave() on
  std::uint64_t acknowledgements_ = 0;
};

}  // namespace sluice::proxy
