#include "protocol/binlog/text_inflater.hpp"

#include <doctest/doctest.h>

#include "protocol/binlog/query_event.hpp"
#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using binlog::TextInflater;

namespace {

std::string letters(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i * 7919);
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("a compressed text comes out, whole or as far as is asked for") {
  TextInflater inflater;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{300},
                                 std::size_t{70'000}, std::size_t{1} << 20}) {
    CAPTURE(size);
    const std::string text = letters(size);
    const Buffer record = test::compressed_record(text);
    const auto whole = inflater.inflate(record, false, size + 1);
    REQUIRE(whole);
    CHECK(whole->whole);
    CHECK((as_text(whole->text) == text));
    if (size == 0) continue;
    const auto head = inflater.inflate(record, false, size / 2);
    REQUIRE(head);
    CHECK_FALSE(head->whole);
    CHECK_FALSE(head->starved);
    CHECK((as_text(head->text) == text.substr(0, size / 2)));
  }
}

TEST_CASE("of a record that is still coming, what is there comes out") {
  const std::string text = letters(5000);
  const Buffer record = test::compressed_record(text);
  TextInflater inflater;
  for (std::size_t size = 5; size < record.size(); ++size) {
    CAPTURE(size);
    const Buffer head(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    const auto inflated = inflater.inflate(head, true, 10'000);
    REQUIRE(inflated);
    CHECK_FALSE(inflated->whole);
    CHECK(inflated->starved);
    CHECK(text.starts_with(as_text(inflated->text)));
    CHECK_FALSE(inflater.inflate(head, false, 10'000).has_value());
  }
}

TEST_CASE("a record that is damaged or lies about its length does not come out") {
  TextInflater inflater;
  const std::string text = letters(300);
  const Buffer record = test::compressed_record(text);
  const auto changed = [&](std::size_t at, int by) {
    Buffer other(record);
    other[at] = static_cast<std::uint8_t>(other[at] + by);
    return inflater.inflate(other, false, 10'000).has_value();
  };
  CHECK_FALSE(changed(0, 0x10));               // another algorithm
  CHECK_FALSE(changed(0, 1));                  // five bytes of length
  CHECK_FALSE(changed(0, -4));                 // none
  CHECK_FALSE(changed(4, 1));                  // longer than it is
  CHECK_FALSE(changed(4, -1));                 // shorter
  CHECK_FALSE(changed(1, 0x7F));               // two gigabytes
  CHECK_FALSE(changed(5, 1));                  // not zlib's
  CHECK_FALSE(changed(record.size() - 1, 1));  // its checksum
  CHECK_FALSE(inflater.inflate({}, true, 100).has_value());
  CHECK(inflater.inflate(record, false, 10'000).has_value());
}

TEST_CASE("statements that MariaDB has compressed") {
  std::size_t seen = 0;
  TextInflater inflater;
  for (const auto& event : test::recorded_events(binlog::EventType::query_compressed)) {
    CAPTURE(event.recording);
    const auto query = binlog::parse_query_event(event.body, binlog::query_post_header_size);
    REQUIRE(query);
    const auto inflated = inflater.inflate(as_bytes(query->text), false, 1000);
    REQUIRE(inflated);
    CHECK(inflated->whole);
    CHECK(as_text(inflated->text).starts_with("CREATE TABLE app.long_name_"));
    CHECK(as_text(inflated->text).ends_with("ENGINE=InnoDB"));
    ++seen;
  }
  CHECK(seen >= 2);
}
