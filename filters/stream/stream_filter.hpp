// The stream behind COM_BINLOG_DUMP, on its way from master to replica: packets in, the same
// packets out, in the same place, with the dropped events overwritten.
//
// A packet is `length:3 sequence:1 0x00 [0xEF flag] event`; an event of 16 MiB or more goes on in
// further packets, which begin with their length and sequence only. Every packet has the 0xEF and
// the flag when semi-synchronous replication is on (sql/rpl_source.cc, Binlog_sender). In a binlog
// file the same events lie one behind the other without packets.
#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <string>

#include "filters/stream/event_judge.hpp"
#include "filters/stream/event_observer.hpp"
#include "filters/stream/payload_limit.hpp"
#include "filters/stream/stream_counters.hpp"
#include "filters/stream/stream_position.hpp"

namespace sluice::filters {

/// Why a stream must not go on, and before which event.
struct StreamFailure {
  Coordinates at;
  binlog::EventType type = binlog::EventType::unknown;
  std::string_view statement;  ///< the kind, when the event holds one
  std::string reason;
};

/// What the events lie in.
enum class Framing {
  packets,
  semi_sync_packets,
  none,  ///< as in a binlog file behind its first four bytes
};

constexpr Framing packets(bool semi_sync) {
  return semi_sync ? Framing::semi_sync_packets : Framing::packets;
}

struct StreamOptions {
  Framing framing = Framing::packets;
  EventObserver* observer = nullptr;  ///< must outlive the filter
  /// How large the events of a compressed transaction may be together, decompressed.
  std::uint64_t max_payload = usual_max_payload;
  /// scan() returns now and then while a compressed transaction is compressed anew (is_busy()).
  bool in_slices = false;
  /// It has said so, whoever its master is: MariaDB follows MySQL, too.
  bool replica_is_mariadb = false;
};

class PayloadFilter;
struct PayloadWorkspace;

class StreamFilter {
 public:
  enum class State {
    flowing,
    needs_context,  ///< adopt_context() with the state at position(), then scan() again
    stopped,        ///< at the border or position asked for
    ended,          ///< the master's ERR or EOF has been let through
    failed,         ///< failure()
  };

  /// The rules must outlive the filter.
  explicit StreamFilter(const TableRules& rules, StreamOptions options = {});
  ~StreamFilter();
  StreamFilter(const StreamFilter&) = delete;
  StreamFilter& operator=(const StreamFilter&) = delete;

  /// `received` is all that came from the master and has not been released, oldest first. Patches
  /// it in place and returns how many of its first bytes may go to the replica now. The rest must
  /// come again, with more behind it, in the next call.
  std::size_t scan(MutableBytes received);
  /// Whether scan() has more to do with what it was given, and is to be called again with that.
  [[nodiscard]] bool is_busy() const {
    return state_ == State::flowing && payload_ != nullptr && !in_packet();
  }

  /// As many bytes must have come, and been kept, for scan() to release any.
  [[nodiscard]] std::size_t wanted() const;

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::optional<StreamFailure>& failure() const { return failure_; }
  /// Fails closed for a reason outside the stream: before the first event not released.
  void fail(std::string_view reason);

  /// How long the packet is that has `ended` the stream: the last of what was released.
  [[nodiscard]] std::size_t end_size() const { return end_size_; }
  /// The end of the last event that was scanned.
  [[nodiscard]] const Coordinates& position() const { return position_.end(); }
  /// Whether nothing can be released for as long as it takes: a compressed transaction is held, or
  /// the head of a statement, more of it must be seen, or context is needed.
  [[nodiscard]] bool is_waiting() const {
    return payload_ != nullptr || state_ == State::needs_context || !held_.empty() ||
           (needed_ > 0 && !judge_.at_group_border());
  }
  /// The end of the last event that was released, while it is or none is under way: where the
  /// replica is.
  [[nodiscard]] Coordinates waiting_position() const;
  /// The GTID of the group that was begun last, whole or not: "uuid:17", "uuid:tag:17", "0-17-42",
  /// "ANONYMOUS"; empty before the first and without GTIDs.
  [[nodiscard]] std::string last_gtid() const;
  /// When the newest event was written that was scanned, in Unix time; 0: none was, or a heartbeat
  /// has said since that there is nothing newer.
  [[nodiscard]] std::uint32_t newest_event() const { return position_.newest(); }
  [[nodiscard]] const StreamCounters& counters() const { return counters_; }
  /// Of the file that events come from; version 0: none is known yet.
  [[nodiscard]] const binlog::FormatDescription& format() const { return judge_.format(); }
  /// As it turned out with the first event.
  [[nodiscard]] Framing framing() const { return framing_; }
  /// The sequence number of the packet that follows the last one released.
  [[nodiscard]] std::uint8_t next_sequence() const { return next_sequence_; }
  /// Whether what was released ends with a whole packet.
  [[nodiscard]] bool between_packets() const { return payload_ != nullptr || !in_packet(); }

  /// How many bytes of the packet that was released last, and not to its end, are still to come.
  [[nodiscard]] std::size_t rest_of_packet() const { return payload_ == nullptr ? flowing_ : 0; }

  /// Whether the packet behind that one continues its event.
  [[nodiscard]] bool event_goes_on() const { return payload_ == nullptr && continued_; }

  /// Who sees the events from the next scan() on; null: nobody. It must outlive the filter: the
  /// payload under way keeps the one it began with.
  void set_observer(EventObserver* observer);

  /// Between two groups nothing is torn apart: a good place to end a session.
  [[nodiscard]] bool at_group_border() const {
    return !in_packet() && payload_ == nullptr && judge_.at_group_border();
  }
  /// From now on scan() releases events to the end of the group only, and then has stopped.
  void stop_at_group_border() { stop_at_border_ = true; }

  /// Scans to this position of the file and stops there (`stopped`), or fails if no event ends
  /// there. Only the state is of interest then, not what is released: payloads stay closed.
  void stop_at_position(std::uint64_t position) { stop_position_ = position; }
  /// A stream that no ROTATE precedes: it begins here, between two groups.
  void begin_file(std::string file, std::uint64_t position);
  /// A stream that is the content of a TRANSACTION_PAYLOAD.
  void begin_payload(const binlog::FormatDescription& format);
  /// What a stream that begins at position() must know.
  [[nodiscard]] const GroupState& context() const { return judge_.state(); }
  void adopt_context(GroupState context);

 private:
  enum class Step { go_on, wait };

  /// An event, or as much of it as its first packet holds.
  struct Frame {
    binlog::EventHeader header;
    std::size_t prefix = 0;  ///< bytes before the event
    std::size_t size = 0;    ///< with them
    bool continued = false;  ///< in another packet
  };

  Step begin_packet(MutableBytes received);
  Step begin_event(MutableBytes received, std::size_t length);
  Step begin_bare_event(MutableBytes received);
  Step decide(const Frame& frame, MutableBytes received);
  Step wait_for(std::size_t size, const Frame& frame);
  Step act_on(const EventJudge::Judgement& judgement, const Frame& frame, Bytes packet);
  Step let_flow(const Frame& frame, Bytes packet, const EventJudge::Judgement& judgement);
  Step begin_continuation(MutableBytes received);
  void end_stream(MutableBytes received, std::size_t size);
  [[nodiscard]] bool is_acknowledged(Bytes packet) const;
  [[nodiscard]] bool must_open() const;
  [[nodiscard]] bool open_payload(const Frame& frame, Bytes packet);
  void flow(MutableBytes received);
  void go_on_with_payload(MutableBytes received);
  void fail_payload();
  void packet_is_over(MutableBytes received);
  void start_flow(const Frame& frame, Bytes packet);
  [[nodiscard]] bool release_held(MutableBytes received);
  [[nodiscard]] bool observe(const Frame& frame, std::uint64_t position, Bytes event,
                             const EventJudge::Judgement& judgement);
  void show_held(Bytes received);
  void show_undecidable(const Frame& frame, std::uint64_t position, Bytes event,
                        const EventJudge::Judgement& judgement);
  [[nodiscard]] bool must_stop();
  void fail(binlog::EventType type, std::string_view reason, std::string_view statement = {});
  void fail(StreamFailure failure);
  [[nodiscard]] bool is_observed(binlog::EventType type) const {
    return observed_[static_cast<std::size_t>(type)];
  }
  [[nodiscard]] bool in_packet() const { return flowing_ > 0 || continued_; }

  EventJudge judge_;
  const TableRules& rules_;
  EventObserver* observer_ = nullptr;
  std::bitset<256> observed_;  // by the event's type
  std::uint64_t max_payload_;
  bool in_slices_;
  Framing framing_;

  State state_ = State::flowing;
  std::optional<StreamFailure> failure_;
  bool stop_at_border_ = false;
  std::optional<std::uint64_t> stop_position_;

  std::size_t released_ = 0;  // of the span in hand
  std::size_t scanned_ = 0;   // of it, released or held
  std::size_t needed_ = 0;    // with fewer bytes of the packet in hand there is nothing new to see
  struct HeldFrame {
    Frame frame;
    std::uint64_t position = 0;
  };
  std::vector<HeldFrame> held_;  // scanned and not released, as the judge has them

  std::size_t end_size_ = 0;                // of the master's ERR or EOF
  std::size_t flowing_ = 0;                 // bytes of the packet under way that are still to come
  std::uint64_t event_left_ = 0;            // bytes of the event under way that are still to come
  bool continued_ = false;                  // the event goes on in another packet
  bool acknowledged_ = false;               // the replica acknowledges it when it is over
  std::optional<NoOp> no_op_;               // what overwrites the event under way
  std::unique_ptr<PayloadFilter> payload_;  // the event under way, which is held meanwhile
  std::unique_ptr<PayloadWorkspace> payload_workspace_;

  StreamPosition position_;
  StreamCounters counters_;
  std::uint8_t next_sequence_ = 1;     // behind what was released
  std::uint8_t scanned_sequence_ = 1;  // behind what was scanned
};

}  // namespace sluice::filters
