// The session's end of the tap: copies for those who tap it, and nothing for nobody.
#pragma once

#include <functional>
#include <memory>

#include "filters/stream/stream_filter.hpp"
#include "proxy/tap/login_copy.hpp"
#include "proxy/tap/subscriptions.hpp"
#include "proxy/tap/table_maps.hpp"

namespace sluice::proxy::tap {

/// Used on the session's thread. Nothing here waits for a reader.
class SessionTap {
 public:
  using Describe = std::function<SessionFacts()>;

  /// `describe` is asked once, when the first reader is there. `may_show_content`: the relay keeps
  /// accounts and their like back, so that what is left may be shown where the configuration allows
  /// it.
  SessionTap(std::shared_ptr<Subscriptions> all, std::uint32_t session, bool may_show_content,
             Describe describe);

  /// Who has come or gone? At moments at which a reader can begin. One relaxed load unless somebody
  /// has.
  void look() {
    if (all_->version() != seen_version_) update();
  }
  // By the last look.
  [[nodiscard]] bool is_tapped() const { return !readers_.empty(); }
  [[nodiscard]] bool wants_stream() const { return wants_stream_; }  ///< a dump's packets
  [[nodiscard]] bool wants_events() const { return wants_events_; }

  /// The session's first and last words.
  void begins();
  void ends(const std::string& reason);

  // Packets of the login. What is sent has headers.
  void login_sent(Bytes packets);
  void login_received(Bytes payload);
  // Behind it. `packets` are whole.
  void command(Bytes payload);
  void answered(Bytes packets);
  void acknowledged(Bytes payload);

  /// Readers that have come since may begin with the next packet of the dump.
  void join_stream(const filters::StreamFilter& filter, bool semi_sync);
  /// The ERR that has ended the dump, for those who have not had it as part of the stream.
  void dump_failed(Bytes packet);
  /// What goes to the replica, in the order of the stream.
  void released(Bytes bytes);
  /// How much of an event its copy needs.
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const;
  void event(const filters::SeenEvent& seen, const filters::StreamFilter& filter);
  /// false: every reader would lose any event now, so that it is enough to count them.
  [[nodiscard]] bool has_room_for_events() const;
  /// So many events of the stream have gone by without `event`. Those within a compressed
  /// transaction are not known: it counts as one.
  void missed(std::uint64_t events);

  /// Hands over what was copied.
  void flush();

 private:
  struct Reader {
    std::shared_ptr<Subscription> subscription;
    bool with_content = false;
    std::vector<TapEntry> batch{};
    std::size_t batch_cost = 0;
    std::uint64_t lost = 0;
    std::uint64_t offsets[2] = {};  // by direction
    bool in_stream = false;         // has the dump, from one packet's beginning on
    bool losing = false;            // the rest of the packet under way

    [[nodiscard]] const TapFilter& filter() const { return subscription->filter; }
    [[nodiscard]] bool wants_stream() const { return filter().format == TapFilter::Format::pcapng; }
    [[nodiscard]] bool wants_packets() const { return wants_stream() || filter().packets; }
  };

  void update();
  [[nodiscard]] bool make_room(Reader& reader);
  void add(Reader& reader, decltype(TapEntry::what) what);
  static void hand_over(Reader& reader);
  void show_login(const LoginCopy::Shown& shown, Direction direction);
  bool copy(Reader& reader, PacketKind kind, Direction direction, Bytes bytes, std::size_t size);
  void tell_answer(Reader& reader, Bytes packets);
  [[nodiscard]] static std::size_t shown_size(const Reader& reader, Bytes packet);
  void begin_packet(Bytes piece);
  void continue_packet(Bytes piece);
  [[nodiscard]] static std::size_t copied_size(const filters::SeenEvent& seen,
                                               const Reader& reader);
  void copy_event(Reader& reader, const filters::SeenEvent& seen, const std::string& gtid);
  void note_format(const binlog::FormatDescription& format);

  std::shared_ptr<Subscriptions> all_;
  std::uint64_t seen_version_ = 0;
  std::uint32_t session_;
  bool may_show_content_;
  Describe describe_;
  std::shared_ptr<const SessionFacts> facts_;
  std::vector<Reader> readers_;
  bool wants_stream_ = false;
  bool wants_events_ = false;
  bool wants_rows_ = false;
  bool heard_ = false;  // the peer has said something

  LoginCopy login_;
  std::uint8_t login_sequence_ = 0;
  std::size_t rest_of_packet_ = 0;  // of the stream, that is still to come
  bool event_goes_on_ = false;      // in the packet that comes next
  bool semi_sync_ = false;
  std::shared_ptr<const binlog::FormatDescription> format_;
  TableMaps maps_;
};

}  // namespace sluice::proxy::tap
