// The dump streams of real masters in tests/data/binlog, one a file (made by record.py there).
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "protocol/binlog/format_description.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"
#include "unit/test_data.hpp"

namespace sluice::test {

/// One packet of a dump; none of the recorded ones is split.
struct RecordedPacket {
  Bytes prefix;  ///< packet header, 0x00, and the two bytes of semi-sync
  Bytes event;   ///< empty in ERR and EOF
  [[nodiscard]] std::uint8_t sequence() const { return prefix[3]; }
};

struct Recording {
  std::string name;  ///< e.g. "mysql-9.7-filepos"
  Buffer stream;

  [[nodiscard]] bool has(std::string_view part) const {
    return name.find(part) != std::string::npos;
  }
  [[nodiscard]] bool semi_sync() const { return has("semisync"); }
  [[nodiscard]] bool mariadb() const { return has("mariadb"); }
  [[nodiscard]] std::vector<ReadEvent> events() const { return read_events(stream, semi_sync()); }
};

inline std::vector<RecordedPacket> packets_of(Bytes stream, bool semi_sync) {
  std::vector<RecordedPacket> packets;
  while (!stream.empty()) {
    const std::size_t size = 4 + static_cast<std::size_t>(load_le<3>(stream.data()));
    const std::size_t prefix = stream[4] == 0 ? (semi_sync ? 7 : 5) : size;
    packets.push_back({stream.first(prefix), stream.first(size).subspan(prefix)});
    stream = stream.subspan(size);
  }
  return packets;
}

/// All of them, by name.
inline const std::vector<Recording>& recordings() {
  static const std::vector<Recording> all = [] {
    std::vector<Recording> found;
    for (const auto& file : std::filesystem::directory_iterator(test_data("binlog"))) {
      if (file.path().extension() != ".packets") continue;
      std::ifstream in(file.path(), std::ios::binary);
      found.push_back({file.path().stem().string(), Buffer(std::istreambuf_iterator<char>(in),
                                                           std::istreambuf_iterator<char>())});
    }
    std::ranges::sort(found, {}, &Recording::name);
    return found;
  }();
  return all;
}

inline const Recording& recording(std::string_view name) {
  return *std::ranges::find(recordings(), name, &Recording::name);
}

/// An event of a recording and its body: without header, and without checksum where there is one.
struct RecordedEvent {
  std::string recording;
  binlog::EventHeader header;
  Buffer bytes;
  Buffer body;
  binlog::FormatDescription format;  ///< of its file
};

/// Every event of every recording, or those of one type.
inline std::vector<RecordedEvent> recorded_events(
    binlog::EventType type = binlog::EventType::unknown) {
  std::vector<RecordedEvent> found;
  for (const Recording& recording : recordings()) {
    binlog::FormatDescription format;
    for (const ReadEvent& event : recording.events()) {
      if (event.header.type == binlog::EventType::format_description) {
        format = binlog::parse_format_description(event.bytes).value();
      }
      if (type != binlog::EventType::unknown && event.header.type != type) continue;
      const auto crc = static_cast<std::ptrdiff_t>(binlog::checksum_size(format.checksum));
      Buffer body(event.bytes.begin() + binlog::event_header_size, event.bytes.end() - crc);
      found.push_back({recording.name, event.header, event.bytes, std::move(body), format});
    }
  }
  return found;
}

}  // namespace sluice::test
