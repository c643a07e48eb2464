#include "protocol/tls/post_handshake.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "unit/protocol/tls/tls_support.hpp"

namespace sluice::test {
namespace {

using tls::PostHandshake;
using Event = PostHandshake::Event;

/// One record after the other; the last one's event, if those before were of none.
Event follow(const std::vector<Buffer>& records) {
  PostHandshake handshake;
  for (const auto& record : records) {
    const Event event = handshake.follow(record);
    if (event != Event::none || &record == &records.back()) return event;
  }
  return Event::none;
}

Buffer ticket(std::size_t size) {
  Buffer message{4, static_cast<std::uint8_t>(size >> 16), static_cast<std::uint8_t>(size >> 8),
                 static_cast<std::uint8_t>(size)};
  message.resize(message.size() + size, 24);
  return message;
}

Buffer together(Buffer first, const Buffer& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

TEST_CASE("Post-handshake: tickets are passed over, in any pieces") {
  const Buffer key_update{24, 0, 0, 1, 0};
  CHECK(follow({ticket(200), key_update}) == Event::key_update);
  CHECK(follow({together(ticket(200), ticket(1)), key_update}) == Event::key_update);
  CHECK(follow({together(ticket(10), key_update)}) == Event::key_update);
  const Buffer whole = together(together(ticket(30), ticket(40)), key_update);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const auto at = whole.begin() + static_cast<std::ptrdiff_t>(cut);
    CHECK(follow({Buffer(whole.begin(), at), Buffer(at, whole.end())}) == Event::key_update);
  }
}

TEST_CASE("Post-handshake: whether it is in the middle of a message") {
  PostHandshake handshake;
  const Buffer message = ticket(3);
  for (std::size_t i = 0; i < message.size(); ++i) {
    CHECK(handshake.in_message() == (i > 0));
    CHECK(handshake.follow({&message[i], 1}) == Event::none);
  }
  CHECK_FALSE(handshake.in_message());
}

TEST_CASE("Post-handshake: a change of keys, with and without a request") {
  CHECK(follow({{24, 0, 0, 1, 0}}) == Event::key_update);
  CHECK(follow({{24, 0, 0, 1, 1}}) == Event::key_update_requested);
  CHECK(follow({{24, 0, 0}, {1, 1}}) == Event::key_update_requested);
}

TEST_CASE("Post-handshake: what may not come") {
  CHECK(follow({{}}) == Event::wrong);
  CHECK(follow({{24, 0, 0, 1, 2}}) == Event::wrong);        // neither 0 nor 1
  CHECK(follow({{24, 0, 0, 2, 0, 0}}) == Event::wrong);     // too long
  CHECK(follow({{24, 0, 0, 0}}) == Event::wrong);           // too short
  CHECK(follow({{24, 0, 0, 1, 0, 24}}) == Event::wrong);    // not the record's last
  CHECK(follow({{4, 0, 0, 0}}) == Event::wrong);            // a ticket of nothing
  CHECK(follow({{4, 255, 255, 255}}) == Event::wrong);      // or of too much
  CHECK(follow({{13, 0, 0, 3, 0, 0, 0}}) == Event::wrong);  // a CertificateRequest
  CHECK(follow({{1, 0, 0, 3, 0, 0, 0}}) == Event::wrong);   // a ClientHello
}

}  // namespace sluice::test
