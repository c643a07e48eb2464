// The records of a TLS stream: only what the peer has sealed is read, in its order, the same in any
// pieces; whatever is packed is read again. Input: piece size, room, then what the peer does: seals
// a content of some type with some padding, changes its key, sends bytes that it has not sealed, or
// has a bit of what it sent changed.
#include "fuzz/fuzz.hpp"
#include "protocol/tls/record_stream.hpp"

using namespace sluice;
using fuzz::exact;
using fuzz::expect;
using tls::ContentType;
using tls::RecordKey;
using tls::RecordStream;

namespace {

/// More than this is of no interest.
constexpr std::size_t enough = std::size_t{1} << 18;

RecordKey key(std::uint8_t direction) {
  const tls::Suite& suite = *tls::find_suite(0x1301);
  return {suite, tls::TrafficSecret(Buffer(suite.secret_size, direction)), 0};
}

RecordStream stream(std::uint8_t received, std::uint8_t sent) {
  return {key(received), key(sent), 3};
}

void add(Buffer& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

struct Sent {
  Buffer wire;
  Buffer data;           ///< sealed as such, in order
  bool is_right = true;  ///< nothing else was sent than data and changes of key
};

void seal(Sent& sent, RecordKey& key, ContentType type, Bytes content) {
  Buffer record(content.size() + tls::overhead);
  expect(key.seal(type, content, record), "a record is sealed");
  add(sent.wire, record);
}

Sent send(fuzz::Choices& choices) {
  enum Deed : std::uint8_t { data, padded, other, change_key, bytes, change_bit, deeds };
  Sent sent;
  RecordKey sealing = key(1);
  while (choices.any() && sent.wire.size() < enough) {
    const auto deed = choices.byte() % deeds;
    const std::uint8_t number = choices.byte();
    Buffer content = exact(choices.message());
    if (content.size() > 2 * tls::max_content) continue;
    if (content.empty() ||
        content.size() + (deed == padded ? 1U + number : 0U) > tls::max_content) {
      sent.is_right = false;
    }
    switch (deed) {
      case data:
        seal(sent, sealing, ContentType::application_data, content);
        add(sent.data, content);
        break;
      case padded:
        add(sent.data, content);
        content.push_back(static_cast<std::uint8_t>(ContentType::application_data));
        content.resize(content.size() + number);
        seal(sent, sealing, ContentType{0}, content);
        break;
      case other:
        sent.is_right = false;
        if (number == static_cast<std::uint8_t>(ContentType::application_data)) break;
        if (number == 0) std::ranges::fill(content, std::uint8_t{0});  // nothing but padding
        seal(sent, sealing, ContentType{number}, content);
        break;
      case change_key:
        seal(sent, sealing, ContentType::handshake,
             Buffer{24, 0, 0, 1, static_cast<std::uint8_t>(number & 1)});
        expect(sealing.update(), "there is a next key");
        break;
      case bytes:
        sent.is_right = false;
        add(sent.wire, content);
        break;
      default:
        sent.is_right = false;
        if (sent.wire.empty()) break;
        sent.wire[content.size() % sent.wire.size()] ^=
            static_cast<std::uint8_t>(1U << (number & 7));
        break;
    }
  }
  return sent;
}

enum class Between : std::uint8_t { nothing, parked };

Buffer read_all(RecordStream& stream, Bytes wire, std::size_t piece, std::size_t room,
                Between between = Between::nothing) {
  Buffer read;
  Buffer into(room);  // its exact size, so that ASan sees every write past its end
  for (bool waits = true;; waits = !waits) {
    for (;;) {
      const std::size_t size = stream.read(into);
      expect(size <= room, "no more is written than there is room for");
      if (size == 0 && stream.busy()) continue;
      if (size == 0) break;
      add(read, Bytes(into).first(size));
      if (between == Between::parked) stream.park_received();
    }
    if (between == Between::parked) stream.park_received();
    if (wire.empty() || stream.ended()) return read;
    const MutableBytes space = waits ? stream.waiting_room() : stream.room();
    expect(!space.empty(), "who has not ended has room");
    const Bytes part = wire.first(std::min({piece, space.size(), wire.size()}));
    std::ranges::copy(part, space.begin());
    stream.received(part.size());
    wire = wire.subspan(part.size());
  }
}

}  // namespace

FUZZ_TARGET(tls_records) {
  fuzz::Choices choices(input);
  const std::size_t piece = std::size_t{1} + choices.number(2);
  const std::size_t room = std::size_t{1} + choices.number(2);
  const Sent sent = send(choices);

  RecordStream whole = stream(1, 2);
  RecordStream pieces = stream(1, 2);
  const Buffer read = read_all(whole, sent.wire, sent.wire.size() + 1, std::size_t{1} << 16);
  // Not with small pieces: it moves all of a record each time.
  const Between between = piece < 256 ? Between::nothing : Between::parked;
  expect(read == read_all(pieces, sent.wire, piece, room, between),
         "the pieces make no difference");
  expect(whole.error() == pieces.error() && whole.ended() == pieces.ended(), "nor to the end");
  expect(read.size() <= sent.data.size() && std::equal(read.begin(), read.end(), sent.data.begin()),
         "nothing is read but what the peer has sealed, in its order");
  if (sent.is_right) expect(!whole.ended() && read == sent.data, "and all of that");

  // What was given, and an answer to a change of keys, as one end packs it and the other reads it.
  RecordStream back = stream(2, 1);
  Buffer answer;
  const Bytes question = input.first(std::min(input.size(), std::size_t{40000}));
  const std::size_t at_once = std::max(piece, question.size() / 10);
  for (Bytes rest = question; !rest.empty();) {
    expect(whole.pack(rest.first(std::min(at_once, rest.size()))), "it is packed");
    const std::size_t packed = whole.take_packed();
    expect(packed > 0 && packed <= rest.size(), "some of it, and no more");
    rest = rest.subspan(packed);
    const std::size_t at_first = whole.outgoing().size() / 2;
    add(answer, read_all(back, whole.outgoing().first(at_first), room, piece));
    whole.sent(at_first);
    whole.park_outgoing();
    add(answer, read_all(back, whole.outgoing(), room, piece));
    whole.sent(whole.outgoing().size());
  }
  expect(answer == exact(question), "what is packed is read");
  const bool ended_by_peer = whole.error().starts_with("the peer's alert");
  expect(whole.pack_alert() != ended_by_peer, "it says why it ends, unless the peer has done so");
  if (ended_by_peer) return;
  expect(read_all(back, whole.outgoing(), room, piece).empty() && back.ended(),
         "and the other end learns it");
}
