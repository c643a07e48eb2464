// Is a binlog or relay log file whole? Its first bytes, the sizes of its events, their checksums
// (sql/binlog_istream.cc, sql/binlog_reader.cc).
#pragma once

#include <optional>
#include <string>

#include "protocol/binlog/event_header.hpp"

namespace sluice::binlog {

constexpr std::size_t file_magic_size = 4;  ///< the first event begins behind it

struct FileDamage {
  std::uint64_t position = 0;  ///< of the event that is damaged, or 0
  std::string reason;
};

/// Takes a file piece by piece and remembers nothing of it but the head of the event under way.
class FileCheck {
 public:
  /// The next bytes; ignored once there is damage.
  void take(Bytes bytes);
  /// No more come.
  void end();

  [[nodiscard]] const std::optional<FileDamage>& damage() const { return damage_; }
  /// Everything before is whole.
  [[nodiscard]] std::uint64_t whole() const { return event_begin_; }
  /// The size of the event under way; nothing before its header has come.
  [[nodiscard]] std::optional<std::uint32_t> event_size() const;

 private:
  Bytes gather(Bytes bytes, std::size_t wanted);
  void check_magic();
  void begin_event();
  void read_format();
  Bytes take_body(Bytes bytes);
  void end_event();
  void fail(std::string_view reason);

  enum class Part { magic, header, format, body };

  std::optional<FileDamage> damage_;
  Part part_ = Part::magic;
  Buffer head_;  // the magic, the header, or all of a FORMAT_DESCRIPTION, as far as it is there
  std::uint64_t event_begin_ = 0;
  EventHeader header_;
  std::uint32_t taken_ = 0;  // bytes of the event under way
  std::uint32_t crc_ = 0;    // of what is before its checksum
  Buffer checksum_;          // the bytes of its checksum that have come
  bool has_format_ = false;  // the first event has told of checksums
  Checksum algorithm_ = Checksum::none;
};

}  // namespace sluice::binlog
