// What a load balancer puts before a connection. Input: what the socket has.
#include "protocol/wire/proxy_header.hpp"
#include "fuzz/fuzz.hpp"

using namespace sluice;
using fuzz::expect;

FUZZ_TARGET(proxy_header) {
  Buffer received;
  while (const std::size_t missing = wire::missing_of_proxy_header(fuzz::exact(received))) {
    expect(!wire::parse_proxy_header(received), "what is not complete is no header");
    if (input.size() - received.size() < missing) return;
    const Bytes part = input.subspan(received.size(), missing);
    received.insert(received.end(), part.begin(), part.end());
    expect(received.size() <= wire::max_proxy_header, "no more is read than a header may be");
  }
  const auto header = wire::parse_proxy_header(fuzz::exact(received));
  if (!header) {
    expect(!header.error().empty(), "a refusal has a reason");
    return;
  }
  if (!header->ends) return;
  const auto& [source, destination] = *header->ends;
  expect(source.size == destination.size && (source.size == 4 || source.size == 16),
         "both addresses are of one family");
  // With one byte more it would be another connection's, or what comes behind it.
  if (received.front() != 'P') return;
  received.pop_back();
  expect(wire::missing_of_proxy_header(received) == 1,
         "nothing is read behind the end of the line");
}
