// Records and streams of records for tests: a secret that both sides know.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "protocol/hex.hpp"
#include "protocol/tls/record_stream.hpp"

namespace sluice::test {

inline Buffer from_digits(std::string_view digits) {
  std::string together(digits);
  std::erase(together, ' ');
  const auto bytes = from_hex(together);
  REQUIRE(bytes);
  return {bytes->begin(), bytes->end()};
}

inline const tls::Suite& suite(std::uint32_t id) {
  const tls::Suite* const found = tls::find_suite(id);
  REQUIRE(found != nullptr);
  return *found;
}

/// One of two directions of a connection.
inline tls::RecordKey key_of(const tls::Suite& suite, std::uint8_t direction) {
  return {suite, tls::TrafficSecret(Buffer(suite.secret_size, direction)), 0};
}

inline Buffer sealed(tls::RecordKey& key, std::uint8_t type, Bytes content) {
  Buffer record(content.size() + tls::overhead);
  REQUIRE(key.seal(static_cast<tls::ContentType>(type), content, record));
  return record;
}

/// As it comes from the network, in pieces of at most `piece` bytes, each second one to who waits.
/// Returns what was read.
inline Buffer feed(tls::RecordStream& stream, Bytes received, std::size_t piece = 1 << 20,
                   std::size_t room = 1 << 15) {
  Buffer read;
  Buffer into(room);
  for (bool waits = true;; waits = !waits) {
    for (;;) {
      const std::size_t size = stream.read(into);
      if (size == 0 && !stream.busy()) break;
      read.insert(read.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(size));
    }
    if (received.empty() || stream.ended()) return read;
    const MutableBytes space = waits ? stream.waiting_room() : stream.room();
    const Bytes part = received.first(std::min({piece, space.size(), received.size()}));
    REQUIRE_FALSE(part.empty());
    std::ranges::copy(part, space.begin());
    stream.received(part.size());
    received = received.subspan(part.size());
  }
}

/// All that is to be sent for it.
inline Buffer pack_all(tls::RecordStream& stream, Bytes plain) {
  Buffer wire;
  while (!plain.empty()) {
    REQUIRE(stream.pack(plain));
    const std::size_t packed = stream.take_packed();
    REQUIRE(packed > 0);
    plain = plain.subspan(packed);
    wire.insert(wire.end(), stream.outgoing().begin(), stream.outgoing().end());
    stream.sent(stream.outgoing().size());
  }
  return wire;
}

/// Bytes of which no two neighbourhoods are alike.
inline Buffer some_bytes(std::size_t size) {
  Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
  return bytes;
}

}  // namespace sluice::test
