#include "filters/stream/no_op.hpp"

#include <doctest/doctest.h>

#include <string>

#include "protocol/binlog/checksum.hpp"
#include "protocol/binlog/query_event.hpp"
#include "protocol/binlog/rows_event.hpp"

using namespace sluice;
using binlog::Checksum;
using binlog::EventHeader;
using binlog::EventType;
using filters::NoOp;

namespace {

EventHeader dropped(EventType type, std::uint32_t size) {
  EventHeader header;
  header.timestamp = 1700000001;
  header.type = type;
  header.server_id = 77;
  header.size = size;
  header.log_pos = 123456;
  header.flags = binlog::event_flag::thread_specific;
  return header;
}

/// The whole no-op, written over so many bytes `before`, in pieces of `piece` bytes.
Buffer write(NoOp no_op, std::size_t size, std::size_t piece, std::uint8_t before = 'S') {
  Buffer event(size, before);
  for (std::size_t at = 0; at < size; at += piece) {
    no_op.overwrite(MutableBytes(event).subspan(at, std::min(piece, size - at)));
  }
  return event;
}

void check_unchanged_header(const Buffer& event, const EventHeader& before) {
  const auto header = binlog::parse_event_header(event);
  REQUIRE(header);
  CHECK(header->timestamp == before.timestamp);
  CHECK(header->server_id == before.server_id);
  CHECK(header->size == before.size);
  CHECK(header->log_pos == before.log_pos);
}

bool ends_with_crc(const Buffer& event) {
  const Bytes all(event);
  return load_le<4>(all.last(4).data()) == binlog::crc32_of(all.first(all.size() - 4));
}

std::string query_text(const Buffer& event, std::size_t checksum_size) {
  const Bytes body = Bytes(event).first(event.size() - checksum_size).subspan(19);
  const auto query = binlog::parse_query_event(body, binlog::query_post_header_size);
  REQUIRE(query);
  CHECK(query->schema.empty());
  CHECK(load_le<4>(body.data()) == 0);       // thread id
  CHECK(load_le<2>(body.data() + 9) == 0);   // error code
  CHECK(load_le<2>(body.data() + 11) == 0);  // status variables
  return std::string(query->text);
}

}  // namespace

TEST_CASE("every no-op is the same in whatever pieces it is written, and nothing shines through") {
  using Make = std::optional<NoOp> (*)(const EventHeader&, Checksum);
  const Make end_statement = [](const EventHeader& header, Checksum checksum) {
    return NoOp::rows_of_no_table(header, checksum, 1);
  };
  const Make makers[] = {&NoOp::ignorable, &NoOp::commit, &NoOp::savepoint, end_statement};
  for (const Make make : makers) {
    for (const Checksum checksum : {Checksum::none, Checksum::crc32}) {
      for (std::uint32_t size = 19; size < 140; ++size) {
        const auto header = dropped(EventType::write_rows_v2, size);
        const auto no_op = make(header, checksum);
        if (!no_op) continue;
        const Buffer whole = write(*no_op, size, size);
        check_unchanged_header(whole, header);
        CHECK(whole == write(*no_op, size, size, 'T'));
        if (checksum == Checksum::crc32) CHECK(ends_with_crc(whole));
        for (std::size_t piece = 1; piece < size; ++piece) {
          REQUIRE(write(*no_op, size, piece) == whole);
        }
      }
    }
  }
}

TEST_CASE("an IGNORABLE fits into every event") {
  CHECK(NoOp::ignorable(dropped(EventType::table_map, 23), Checksum::crc32));
  CHECK_FALSE(NoOp::ignorable(dropped(EventType::table_map, 22), Checksum::crc32));
  const Buffer event =
      write(*NoOp::ignorable(dropped(EventType::table_map, 60), Checksum::crc32), 60, 60);
  CHECK(event[4] == 28);
  CHECK((event[17] & 0x80) != 0);
  for (std::size_t i = 19; i < 56; ++i) CHECK(event[i] == 0);
}

TEST_CASE("a COMMIT is never exactly that word") {
  CHECK_FALSE(NoOp::commit(dropped(EventType::query, 43), Checksum::crc32));
  for (std::uint32_t size = 44; size < 80; ++size) {
    const Buffer event =
        write(*NoOp::commit(dropped(EventType::query, size), Checksum::crc32), size, size);
    const std::string text = query_text(event, 4);
    CHECK(text.substr(0, 7) == "COMMIT ");
    const auto comment = text.find("/*");
    if (comment != std::string::npos) CHECK(text.find("*/") == text.size() - 2);
    CHECK((event[17] & 0x08) != 0);  // SUPPRESS_USE
    CHECK((event[17] & 0x04) == 0);  // THREAD_SPECIFIC
  }
}

TEST_CASE("a SAVEPOINT needs 48 bytes with a checksum") {
  CHECK_FALSE(NoOp::savepoint(dropped(EventType::table_map, 47), Checksum::crc32));
  CHECK_FALSE(NoOp::savepoint(dropped(EventType::table_map, 43), Checksum::none));
  const auto text_of_size = [](std::uint32_t size) {
    return query_text(
        write(*NoOp::savepoint(dropped(EventType::table_map, size), Checksum::crc32), size, 7), 4);
  };
  CHECK(text_of_size(48) == "SAVEPOINT _");
  CHECK(text_of_size(51) == "SAVEPOINT _   ");
  CHECK(text_of_size(54) == "SAVEPOINT _/*..*/");
}

TEST_CASE("the end of a statement is kept in a row event for no table") {
  struct Row {
    EventType type;
    EventType becomes;
    std::size_t columns_at;
  };
  const Row table[] = {
      {EventType::write_rows_v1, EventType::write_rows_v1, 27},
      {EventType::update_rows_v1, EventType::update_rows_v1, 27},
      {EventType::delete_rows_v2, EventType::delete_rows_v2, 29},
      {EventType::partial_update_rows, EventType::partial_update_rows, 29},
      {EventType::write_rows_compressed_v1, EventType::write_rows_v1, 27},
      {EventType::update_rows_compressed_v2, EventType::update_rows_v2, 29},
  };
  for (const Row& row : table) {
    const auto header = dropped(row.type, 60);
    const Buffer event = write(*NoOp::rows_of_no_table(header, Checksum::crc32, 1), 60, 60);
    const Buffer other = write(*NoOp::rows_of_no_table(header, Checksum::crc32, 0), 60, 60);
    CHECK_FALSE(binlog::parse_rows_prefix(Bytes(other).subspan(19))->ends_statement());
    // Without checks of foreign keys and unique ones.
    const Buffer unchecked = write(*NoOp::rows_of_no_table(header, Checksum::crc32, 6), 60, 60);
    CHECK(binlog::parse_rows_prefix(Bytes(unchecked).subspan(19))->flags == 6);
    CHECK(event[4] == static_cast<std::uint8_t>(row.becomes));
    const auto prefix = binlog::parse_rows_prefix(Bytes(event).subspan(19));
    REQUIRE(prefix);
    CHECK(prefix->table_id == binlog::dummy_table_id);
    CHECK(prefix->flags == 1);
    CHECK(event[row.columns_at] == 1);
    for (std::size_t i = row.columns_at + 1; i < 56; ++i) CHECK(event[i] == 0);
  }
  CHECK_FALSE(NoOp::rows_of_no_table(dropped(EventType::query, 60), Checksum::crc32, 1));
}
