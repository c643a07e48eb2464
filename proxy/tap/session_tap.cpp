#include "proxy/tap/session_tap.hpp"

#include <algorithm>
#include <utility>

#include "protocol/wire/command.hpp"
#include "protocol/wire/packet.hpp"

namespace sluice::proxy::tap {
namespace {

/// Entries that are handed over together, under one lock, and what they cost: until then no queue
/// counts it.
constexpr std::size_t max_batch = 256;
constexpr std::size_t max_batch_cost = std::size_t{256} << 10;
/// Of an answer or a command in text; what follows would not be read.
constexpr std::size_t max_told = std::size_t{16} << 10;

std::size_t payload_size(Bytes packets) {
  return static_cast<std::size_t>(load_le<3>(packets.data()));
}

/// Calls `function` with each packet of those, which are whole.
template <typename Function>
void for_each_packet(Bytes packets, Function function) {
  while (packets.size() >= wire::packet_header_size) {
    const std::size_t size =
        std::min(wire::packet_header_size + payload_size(packets), packets.size());
    function(packets.first(size));
    packets = packets.subspan(size);
  }
}

/// A header for as much payload, and what is shown of it.
Buffer made_packet(Bytes payload, std::size_t size, std::uint8_t sequence) {
  Buffer packet;
  Writer(packet).u24(size).u8(sequence).bytes(payload);
  return packet;
}

}  // namespace

SessionTap::SessionTap(std::shared_ptr<Subscriptions> all, std::uint32_t session,
                       bool may_show_content, Describe describe)
    : all_(std::move(all)),
      session_(session),
      may_show_content_(may_show_content),
      describe_(std::move(describe)) {}

void SessionTap::update() {
  flush();
  seen_version_ = all_->version();
  std::vector<Reader> readers;
  for (auto& subscription : all_->of_session(session_)) {
    const auto known = std::ranges::find(readers_, subscription, &Reader::subscription);
    const bool with_content = subscription->with_content && may_show_content_;
    readers.push_back(known != readers_.end() ? std::move(*known)
                                              : Reader{std::move(subscription), with_content});
  }
  readers_ = std::move(readers);
  wants_stream_ = std::ranges::any_of(readers_, &Reader::wants_stream);
  wants_events_ = std::ranges::any_of(readers_, [](const auto& r) { return !r.wants_stream(); });
  wants_rows_ = std::ranges::any_of(
      readers_, [](const auto& r) { return r.with_content && r.filter().rows; });
  if (!readers_.empty() && !facts_) facts_ = std::make_shared<const SessionFacts>(describe_());
}

/// false: the entry is lost.
bool SessionTap::make_room(Reader& reader) {
  if (!reader.subscription->queue.is_full()) return true;
  ++reader.lost;
  return false;
}

void SessionTap::add(Reader& reader, decltype(TapEntry::what) what) {
  reader.batch.push_back({facts_, std::chrono::system_clock::now(), std::move(what)});
  reader.batch_cost += reader.batch.back().cost();
  if (reader.batch.size() >= max_batch || reader.batch_cost >= max_batch_cost) hand_over(reader);
}

void SessionTap::hand_over(Reader& reader) {
  reader.subscription->queue.put(reader.batch, std::exchange(reader.lost, 0));
  reader.batch_cost = 0;
}

void SessionTap::flush() {
  for (Reader& reader : readers_) {
    if (!reader.batch.empty() || reader.lost > 0) hand_over(reader);
  }
}

void SessionTap::begins() {
  all_->session_begins(session_);
  look();
  for (Reader& reader : readers_) {
    if (!reader.wants_stream() && reader.filter().packets && make_room(reader)) {
      add(reader, SessionEntry{true, {}});
    }
  }
  flush();
}

void SessionTap::ends(const std::string& reason) {
  look();
  for (Reader& reader : readers_) {
    if (!reader.wants_stream() && reader.filter().packets && make_room(reader)) {
      add(reader, SessionEntry{false, reason});
    }
  }
  flush();
  if (!heard_ && !readers_.empty()) all_->session_was_none(session_);
  // What still runs has nobody to tell, nor the session to ask.
  readers_.clear();
  wants_stream_ = wants_events_ = wants_rows_ = false;
}

/// `bytes`: what is shown of a piece of `size` bytes. false: it is lost.
bool SessionTap::copy(Reader& reader, PacketKind kind, Direction direction, Bytes bytes,
                      std::size_t size) {
  auto& offset = reader.offsets[static_cast<std::size_t>(direction)];
  const std::uint64_t begin = std::exchange(offset, offset + size);
  if (!make_room(reader)) return false;
  add(reader, PacketEntry{kind, direction, begin, size, {bytes.begin(), bytes.end()}});
  return true;
}

void SessionTap::login_sent(Bytes packets) {
  if (readers_.empty()) return;
  for_each_packet(packets, [&](Bytes packet) {
    show_login(login_.from_server(packet.subspan(wire::packet_header_size)), Direction::down);
  });
}

void SessionTap::login_received(Bytes payload) {
  heard_ = true;
  if (readers_.empty()) return;
  show_login(login_.from_replica(payload), Direction::up);
}

void SessionTap::show_login(const LoginCopy::Shown& shown, Direction direction) {
  // Numbered as they would be without the request for TLS.
  const bool is_tls = shown.kind == PacketKind::tls_request;
  const std::uint8_t sequence = is_tls ? login_sequence_ : login_sequence_++;
  const Buffer packet = made_packet(shown.payload, shown.payload.size(), sequence);
  for (Reader& reader : readers_) {
    const bool wanted = reader.wants_stream() ? !is_tls : reader.filter().packets;
    if (wanted) (void)copy(reader, shown.kind, direction, packet, packet.size());
  }
  flush();
}

void SessionTap::command(Bytes payload) {
  look();
  if (readers_.empty() || payload.empty()) return;
  const auto code = wire::Command{payload.front()};
  const bool is_dump =
      code == wire::Command::binlog_dump || code == wire::Command::binlog_dump_gtid;
  for (Reader& reader : readers_) {
    if (!reader.wants_packets()) continue;
    const Buffer shown = copy_of_command(payload, reader.with_content);
    const std::size_t size = shown.size() == 1 ? payload.size() : shown.size();
    const Buffer packet = made_packet(shown, size, 0);
    (void)copy(reader, PacketKind::command, Direction::up, packet, wire::packet_header_size + size);
    reader.in_stream = reader.in_stream || is_dump;
  }
  flush();
}

void SessionTap::answered(Bytes packets) {
  if (readers_.empty() || packets.size() <= wire::packet_header_size) return;
  for (Reader& reader : readers_) {
    if (reader.wants_stream()) {
      for_each_packet(packets, [&](Bytes packet) {
        (void)copy(reader, PacketKind::answer, Direction::down,
                   packet.first(shown_size(reader, packet)), packet.size());
      });
    } else if (reader.filter().packets) {
      tell_answer(reader, packets);
    }
  }
  flush();
}

void SessionTap::dump_failed(Bytes packet) {
  for (Reader& reader : readers_) {
    if (!reader.wants_stream() && reader.filter().packets) tell_answer(reader, packet);
  }
  flush();
}

/// An answer is told as a whole, by its first packet.
void SessionTap::tell_answer(Reader& reader, Bytes packets) {
  const Bytes first =
      packets.first(std::min(wire::packet_header_size + payload_size(packets), packets.size()));
  const std::size_t size = std::min(shown_size(reader, first), max_told);
  (void)copy(reader, PacketKind::answer, Direction::down, first.first(size), packets.size());
}

/// How much of an answer's packet.
std::size_t SessionTap::shown_size(const Reader& reader, Bytes packet) {
  if (reader.with_content) return packet.size();
  const Bytes payload = packet.subspan(wire::packet_header_size);
  return wire::packet_header_size + size_of_head(PacketKind::answer, payload, false);
}

void SessionTap::acknowledged(Bytes payload) {
  if (readers_.empty()) return;
  const Buffer packet = made_packet(payload, payload.size(), 0);
  for (Reader& reader : readers_) {
    if (!reader.wants_packets()) continue;
    (void)copy(reader, PacketKind::acknowledgement, Direction::up, packet, packet.size());
  }
  flush();
}

}  // namespace sluice::proxy::tap
