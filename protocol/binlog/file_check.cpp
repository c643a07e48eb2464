#include "protocol/binlog/file_check.hpp"

#include <algorithm>

#include "protocol/binlog/checksum.hpp"
#include "protocol/binlog/format_description.hpp"

namespace sluice::binlog {
namespace {

constexpr std::string_view plain_magic =
    "\xfe"
    "bin";
constexpr std::string_view encrypted_magic =
    "\xfd"
    "bin";
// Nothing a server writes is larger: the list of types has 255 entries at most.
constexpr std::uint32_t max_format_size = 1024;
// Set while a server writes to the file, and not part of what the checksum is of.
constexpr std::uint8_t in_use = 0x01;

}  // namespace

std::optional<std::uint32_t> FileCheck::event_size() const {
  if (part_ != Part::format && part_ != Part::body) return std::nullopt;
  return header_.size;
}

void FileCheck::take(Bytes bytes) {
  while (!damage_ && !bytes.empty()) {
    switch (part_) {
      case Part::magic:
        bytes = gather(bytes, file_magic_size);
        if (head_.size() == file_magic_size) check_magic();
        break;
      case Part::header:
        bytes = gather(bytes, event_header_size);
        if (head_.size() == event_header_size) begin_event();
        break;
      case Part::format:
        bytes = gather(bytes, header_.size);
        if (head_.size() == header_.size) read_format();
        break;
      case Part::body:
        bytes = take_body(bytes);
        break;
    }
  }
}

void FileCheck::end() {
  if (damage_) return;
  if (part_ == Part::magic) {
    fail("no binlog file: it is empty or ends within its first four bytes");
  } else if (part_ != Part::header || !head_.empty()) {
    fail("the file ends in the middle of an event");
  }
}

/// Moves bytes into head_ until it has `wanted`; returns the others.
Bytes FileCheck::gather(Bytes bytes, std::size_t wanted) {
  const Bytes piece = bytes.first(std::min(bytes.size(), wanted - head_.size()));
  head_.insert(head_.end(), piece.begin(), piece.end());
  return bytes.subspan(piece.size());
}

void FileCheck::check_magic() {
  const std::string_view magic = as_text(head_);
  if (magic == encrypted_magic) {
    fail(
        "encrypted by MySQL (binlog_encryption): let the server decrypt it, "
        "mysqlbinlog --read-from-remote-server --raw");
  } else if (magic != plain_magic) {
    fail("no binlog file: it does not begin as one");
  } else {
    event_begin_ = file_magic_size;
    part_ = Part::header;
    head_.clear();
  }
}

void FileCheck::begin_event() {
  const auto header = parse_event_header(head_);
  if (!header) return fail("an event that is smaller than its header");
  header_ = *header;
  if (header_.type == EventType::format_description) {
    if (header_.size > max_format_size) return fail("a FORMAT_DESCRIPTION that is too large");
    part_ = Part::format;
    return;
  }
  if (header_.type == EventType::start_v3) return fail("written by a server older than 5.0");
  if (!has_format_) return fail("the file does not begin with a FORMAT_DESCRIPTION");
  if (header_.type == EventType::start_encryption) {
    return fail(
        "encrypted by MariaDB (encrypt_binlog) from here on: let the server decrypt it, "
        "mysqlbinlog --read-from-remote-server --raw");
  }
  if (header_.size < event_header_size + checksum_size(algorithm_)) {
    return fail("an event without room for its checksum");
  }
  part_ = Part::body;
  taken_ = event_header_size;
  crc_ = algorithm_ == Checksum::crc32 ? crc32_of(head_) : 0;
  checksum_.clear();
  if (taken_ == header_.size) end_event();
}

/// A relay log has the master's behind its own.
void FileCheck::read_format() {
  const auto format = parse_format_description(head_);
  if (!format) return fail("a FORMAT_DESCRIPTION that cannot be read");
  has_format_ = true;
  algorithm_ = format->checksum;
  if (format->checksum == Checksum::crc32) {
    const Bytes all(head_);
    Buffer without_flag(all.begin(), all.end() - 4);
    without_flag[header_offset::flags] &= static_cast<std::uint8_t>(~in_use);
    if (load_le<4>(all.last(4).data()) != crc32_of(without_flag)) return fail("a wrong checksum");
  }
  end_event();
}

Bytes FileCheck::take_body(Bytes bytes) {
  const Bytes piece = bytes.first(std::min<std::size_t>(bytes.size(), header_.size - taken_));
  const auto body_end = header_.size - static_cast<std::uint32_t>(checksum_size(algorithm_));
  const std::size_t of_body =
      taken_ < body_end ? std::min<std::size_t>(piece.size(), body_end - taken_) : 0;
  if (algorithm_ == Checksum::crc32) {
    crc_ = crc32_of(piece.first(of_body), crc_);
    checksum_.insert(checksum_.end(), piece.begin() + static_cast<std::ptrdiff_t>(of_body),
                     piece.end());
  }
  taken_ += static_cast<std::uint32_t>(piece.size());
  if (taken_ == header_.size) end_event();
  return bytes.subspan(piece.size());
}

void FileCheck::end_event() {
  if (part_ == Part::body && algorithm_ == Checksum::crc32 &&
      load_le(checksum_.data(), checksum_.size()) != crc_) {
    return fail("a wrong checksum");
  }
  event_begin_ += header_.size;
  part_ = Part::header;
  head_.clear();
}

void FileCheck::fail(std::string_view reason) {
  damage_ = FileDamage{event_begin_, std::string(reason)};
}

}  // namespace sluice::binlog
