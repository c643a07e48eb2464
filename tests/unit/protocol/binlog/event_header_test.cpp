#include "protocol/binlog/event_header.hpp"

#include <doctest/doctest.h>

#include <set>

#include "protocol/binlog/checksum.hpp"
#include "unit/protocol/binlog/recordings.hpp"
#include "unit/protocol/wire/wire_support.hpp"

using namespace sluice;
using namespace sluice::binlog;

TEST_CASE("event header: recorded events have their own size and checksum") {
  std::set<EventType> types;
  for (const auto& event : test::recorded_events()) {
    CAPTURE(event.recording);
    types.insert(event.header.type);
    CHECK(event.header.size == event.bytes.size());
    CHECK(name_of(event.header.type) != "UNKNOWN");
    if (event.format.checksum == Checksum::crc32) {
      const Bytes bytes(event.bytes);
      CHECK(load_le<4>(bytes.last(4).data()) == crc32_of(bytes.first(bytes.size() - 4)));
    }
  }
  using enum EventType;
  for (const auto type : {query,
                          rotate,
                          intvar,
                          rand,
                          user_var,
                          format_description,
                          xid,
                          begin_load_query,
                          execute_load_query,
                          table_map,
                          write_rows_v1,
                          update_rows_v1,
                          delete_rows_v1,
                          heartbeat,
                          rows_query,
                          write_rows_v2,
                          update_rows_v2,
                          delete_rows_v2,
                          gtid,
                          anonymous_gtid,
                          previous_gtids,
                          xa_prepare,
                          transaction_payload,
                          heartbeat_v2,
                          gtid_tagged,
                          annotate_rows,
                          binlog_checkpoint,
                          mariadb_gtid,
                          gtid_list,
                          query_compressed,
                          write_rows_compressed_v1,
                          update_rows_compressed_v1,
                          delete_rows_compressed_v1}) {
    CAPTURE(name_of(type));
    CHECK(types.contains(type));
  }
}

TEST_CASE("event header: every field") {
  const Buffer bytes = test::hex("78563412 10 c6610000 1f000000 b9100000 8c00");
  const auto header = parse_event_header(bytes);
  REQUIRE(header);
  CHECK(header->timestamp == 0x12345678);
  CHECK(header->type == EventType::xid);
  CHECK(header->server_id == 25030);
  CHECK(header->size == 31);
  CHECK(header->log_pos == 4281);
  CHECK(header->flags ==
        (event_flag::thread_specific | event_flag::suppress_use | event_flag::ignorable));
  test::for_each_truncation(bytes, [](Bytes part) { CHECK_FALSE(parse_event_header(part)); });
}

TEST_CASE("event header: a size smaller than the header") {
  Buffer bytes(event_header_size, 0);
  for (std::uint32_t size = 0; size < 25; ++size) {
    store_le(bytes.data() + 9, size, 4);
    CHECK(parse_event_header(bytes).has_value() == (size >= event_header_size));
  }
  store_le(bytes.data() + 9, 0xFFFFFFFF, 4);
  CHECK(parse_event_header(bytes)->size == 0xFFFFFFFF);
}

TEST_CASE("event types: unknown numbers have a name too") {
  for (unsigned number = 0; number < 256; ++number) {
    CHECK_FALSE(name_of(EventType{static_cast<std::uint8_t>(number)}).empty());
  }
  CHECK(name_of(EventType{100}) == "UNKNOWN");
}

TEST_CASE("checksum: in one piece or several") {
  const Buffer bytes = test::bytes_of("123456789");
  CHECK(crc32_of(bytes) == 0xCBF43926);
  CHECK(crc32_of({}) == 0);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    CHECK(crc32_of(Bytes(bytes).subspan(cut), crc32_of(Bytes(bytes).first(cut))) == 0xCBF43926);
  }
}
