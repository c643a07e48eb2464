// Builds TRANSACTION_PAYLOADs, and takes them apart again.
#pragma once

#include "protocol/binlog/payload_codec.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"

namespace sluice::test {

/// The events of a stream one behind the other, without packets and checksums.
inline Buffer bare_events(const BinlogBuilder& without_crc) {
  Buffer events;
  for (const auto& event : read_events(without_crc.stream())) {
    events.insert(events.end(), event.bytes.begin(), event.bytes.end());
  }
  return events;
}

/// `tells_size`: as MySQL 9 does, and 8.0 does not.
inline Buffer encoded(Bytes events, binlog::Compression compression, int level = 3,
                      bool tells_size = true) {
  binlog::PayloadEncoder encoder(compression, {level, events.size(), tells_size},
                                 std::size_t{1} << 31);
  if (!encoder.encode(events) || !encoder.finish()) throw std::logic_error("cannot be encoded");
  return encoder.result();
}

/// The body of a TRANSACTION_PAYLOAD with these events.
inline Buffer payload_body(Bytes events,
                           binlog::Compression compression = binlog::Compression::zstd,
                           std::uint64_t padding = 0) {
  const Buffer data = encoded(events, compression);
  Buffer body;
  binlog::serialize({data.size(), compression, events.size()}, padding, body);
  body.insert(body.end(), data.begin(), data.end());
  return body;
}

/// The events in a TRANSACTION_PAYLOAD's body.
inline Buffer payload_events(Bytes body) {
  binlog::PayloadHeaderReader reader;
  if (reader.feed(body) != binlog::PayloadHeaderReader::Progress::complete) {
    throw std::logic_error("no payload");
  }
  binlog::PayloadDecoder decoder;
  decoder.begin(reader.header().compression);
  Buffer events(reader.header().uncompressed_size.value());
  const auto size = decoder.decode(body, events);
  if (size != events.size() || !body.empty() || !decoder.complete()) {
    throw std::logic_error("malformed payload");
  }
  return events;
}

/// Bare events taken apart.
inline std::vector<ReadEvent> read_bare_events(Bytes bytes) {
  std::vector<ReadEvent> events;
  while (!bytes.empty()) {
    const auto header = binlog::parse_event_header(bytes);
    if (!header || header->size > bytes.size()) throw std::logic_error("malformed events");
    const Bytes event = bytes.first(header->size);
    events.push_back({*header, Buffer(event.begin(), event.end()), 0});
    bytes = bytes.subspan(header->size);
  }
  return events;
}

}  // namespace sluice::test
