#include "protocol/binlog/file_check.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "unit/protocol/wire/wire_support.hpp"
#include "unit/test_data.hpp"

using namespace sluice;
using namespace sluice::binlog;
using test::hex;

namespace {

std::vector<Buffer> files() {
  std::vector<Buffer> found;
  for (const auto& entry : std::filesystem::directory_iterator(test::test_data("rows"))) {
    if (entry.path().extension() != ".binlog") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    found.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return found;
}

/// The damage of a file that comes in pieces of that size.
std::optional<FileDamage> check(Bytes file, std::size_t piece = 4096) {
  FileCheck checked;
  for (Bytes rest = file; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
    checked.take(rest.first(std::min(piece, rest.size())));
  }
  checked.end();
  if (!checked.damage()) CHECK(checked.whole() == file.size());
  return checked.damage();
}

std::string reason(Bytes file) {
  const auto damage = check(file);
  return damage ? damage->reason : "";
}

/// Where the events begin.
std::vector<std::size_t> borders(Bytes file) {
  std::vector<std::size_t> found;
  for (std::size_t at = 4; at < file.size();) {
    found.push_back(at);
    at += parse_event_header(file.subspan(at)).value().size;
  }
  return found;
}

}  // namespace

TEST_CASE("file check: files of every server are whole, however they come") {
  const auto all = files();
  CHECK(all.size() == 6);
  for (const auto& file : all) {
    for (const std::size_t piece : {1U, 3U, 19U, 100U, 1U << 20}) CHECK_FALSE(check(file, piece));
  }
}

TEST_CASE("file check: a file that is cut anywhere but between two events is damaged there") {
  const auto file = files().front();
  const auto begins = borders(file);
  for (std::size_t size = 0; size < 3000; ++size) {
    const auto damage = check(Bytes(file).first(size));
    const bool whole = size == 4 || std::ranges::count(begins, size) > 0;
    REQUIRE(damage.has_value() == !whole);
    if (damage && size > 4) {
      REQUIRE(damage->position <= size);
      REQUIRE(damage->reason == "the file ends in the middle of an event");
    }
  }
}

TEST_CASE("file check: any changed byte is found in the event it is in") {
  const auto file = files().front();
  const auto begins = borders(file);
  for (std::size_t at = 4; at < 2000; ++at) {
    Buffer damaged = file;
    damaged[at] ^= 0x10;
    const auto damage = check(damaged);
    REQUIRE(damage);
    const auto event = std::ranges::upper_bound(begins, at) - 1;
    // A FORMAT_DESCRIPTION of another size may be one that says that there are no checksums.
    if (event != begins.begin()) CHECK(damage->position == *event);
  }
}

TEST_CASE("file check: a file that a server still writes to") {
  Buffer file = files().front();
  file[4 + header_offset::flags] ^= 1;
  CHECK_FALSE(check(file));
}

TEST_CASE("file check: what is no binlog file that can be read says so") {
  CHECK(reason({}).starts_with("no binlog file"));
  CHECK(reason(hex("fe626978 00")).starts_with("no binlog file"));
  CHECK(reason(hex("fd62696e 00")).starts_with("encrypted by MySQL"));
  Buffer event = hex("fe62696e 00000000 02 01000000 13000000 00000000 0000");
  CHECK(reason(event) == "the file does not begin with a FORMAT_DESCRIPTION");
  event[8] = 1;
  CHECK(reason(event) == "written by a server older than 5.0");
  event[13] = 18;
  CHECK(reason(event) == "an event that is smaller than its header");
  event[13] = 255;
  event[14] = 255;
  event[8] = 15;
  CHECK(reason(event) == "a FORMAT_DESCRIPTION that is too large");

  const auto whole = files().front();
  const std::size_t second = borders(whole)[1];
  const auto behind_format = [&](std::string_view bytes) {
    Buffer file(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(second));
    const Buffer more = hex(bytes);
    file.insert(file.end(), more.begin(), more.end());
    return reason(file);
  };
  CHECK(behind_format("00000000 a4 01000000 28000000 00000000 0000")
            .starts_with("encrypted by MariaDB"));
  CHECK(behind_format("00000000 03 01000000 16000000 00000000 0000") ==
        "an event without room for its checksum");
  CHECK(behind_format("00000000 03 01000000 17000000 00000000 0000 00000000") ==
        "a wrong checksum");
}
