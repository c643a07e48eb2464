// Builds binlog events and the packets of a dump, byte by byte, as the servers write them.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/binlog/checksum.hpp"
#include "protocol/binlog/event_header.hpp"
#include "protocol/bytes.hpp"

namespace sluice::test {

/// What MariaDB makes of a text or of rows that it compresses (binlog_buf_compress).
inline Buffer compressed_record(std::string_view plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  Buffer packed(size);
  compress(packed.data(), &size, as_bytes(plain).data(), static_cast<uLong>(plain.size()));
  packed.resize(size);
  Buffer record{0x84};
  for (int shift = 24; shift >= 0; shift -= 8) {
    record.push_back(static_cast<std::uint8_t>(plain.size() >> shift));
  }
  record.insert(record.end(), packed.begin(), packed.end());
  return record;
}

/// The events of one file, one behind the other, and the dump that carries them.
class BinlogBuilder {
 public:
  struct Flavour {
    std::string version = "9.7.4";
    std::size_t types = 42;
    bool crc = true;
    bool semi_sync = false;
  };

  explicit BinlogBuilder(Flavour flavour) : flavour_(std::move(flavour)) {}

  /// The made-up ROTATE and the FORMAT_DESCRIPTION with which a dump begins.
  BinlogBuilder& begin_dump(std::string_view file = "binlog.000001", std::uint64_t position = 4) {
    Buffer rotate;
    Writer(rotate).u64(position).text(file);
    event(binlog::EventType::rotate, rotate, binlog::event_flag::artificial, 0, false);
    position_ = position;
    return format_description(position == 4);
  }

  BinlogBuilder& event(binlog::EventType type, Bytes body, std::uint16_t flags = 0,
                       std::uint32_t timestamp = 1700000000, bool in_file = true) {
    if (in_file) position_ += event_size(body);
    return made_event(type, body, flags, timestamp, in_file ? position_ : 0);
  }

  BinlogBuilder& query(std::string_view text, std::string_view schema = "app") {
    Buffer variables;
    Writer(variables).u8(0).u32(0).u8(1).u64(0);  // Q_FLAGS2, Q_SQL_MODE
    return query_of_session(text, variables, schema);
  }

  BinlogBuilder& query_of_session(std::string_view text, Bytes status_variables,
                                  std::string_view schema = "app") {
    Buffer body;
    Writer writer(body);
    writer.u32(9).u32(0).u8(schema.size()).u16(0).u16(status_variables.size());
    writer.bytes(status_variables).text_nul(schema).text(text);
    return event(binlog::EventType::query, body, binlog::event_flag::thread_specific);
  }

  /// As MariaDB does with log_bin_compress.
  BinlogBuilder& query_compressed(std::string_view text, std::string_view schema = "app") {
    Buffer body;
    Writer writer(body);
    writer.u32(9).u32(0).u8(schema.size()).u16(0).u16(14);
    writer.u8(0).u32(0).u8(1).u64(0);
    writer.text_nul(schema).bytes(compressed_record(text));
    return event(binlog::EventType::query_compressed, body, binlog::event_flag::thread_specific);
  }

  BinlogBuilder& table_map(std::uint64_t id, std::string_view schema, std::string_view table) {
    Buffer body;
    Writer writer(body);
    writer.u48(id).u16(1).lenenc_text(schema).u8(0).lenenc_text(table).u8(0);
    writer.lenenc(2).u8(3).u8(15).lenenc(2).u16(200).u8(3);
    return event(binlog::EventType::table_map, body);
  }

  BinlogBuilder& rows(std::uint64_t id, bool statement_end, std::string_view row = "row-of-data",
                      binlog::EventType type = binlog::EventType::write_rows_v2) {
    const int number = static_cast<int>(type);
    const bool v2 = (number >= 30 && number < 160) || number >= 169;
    Buffer body;
    Writer writer(body);
    writer.u48(id).u16(statement_end ? 1 : 0);
    if (v2) writer.u16(2);
    writer.lenenc(2).u8(0xFF).text(row);
    return event(type, body);
  }

  BinlogBuilder& gtid() {
    return mariadb() ? event(binlog::EventType::mariadb_gtid, mariadb_gtid_body(0))
                     : event(binlog::EventType::gtid, gtid_body());
  }
  BinlogBuilder& standalone_gtid() {
    return mariadb() ? event(binlog::EventType::mariadb_gtid, mariadb_gtid_body(1)) : gtid();
  }
  BinlogBuilder& begin() { return mariadb() ? gtid() : gtid().query("BEGIN"); }
  BinlogBuilder& xid() { return event(binlog::EventType::xid, Buffer(8, 7)); }
  BinlogBuilder& rows_query(std::string_view text) {
    Buffer body;
    if (!mariadb()) Writer(body).u8(text.size());
    Writer(body).text(text);
    return event(mariadb() ? binlog::EventType::annotate_rows : binlog::EventType::rows_query,
                 body);
  }
  /// Of version 1 or 2, at a position that need not be where the file is.
  BinlogBuilder& heartbeat(std::string_view file, std::uint64_t position, bool second) {
    Buffer body;
    Writer writer(body);
    if (!second) {
      writer.text(file);
    } else {
      Buffer value;
      Writer(value).lenenc(position);
      writer.u8(1).lenenc_text(file).u8(2).lenenc(value.size()).bytes(value).u8(0);
    }
    const auto type = second ? binlog::EventType::heartbeat_v2 : binlog::EventType::heartbeat;
    return made_event(type, body, 0, 0, position);
  }
  /// LOAD DATA in statement format: its file in blocks, then the statement.
  BinlogBuilder& load_data(std::string_view text, std::string_view block, std::size_t blocks = 2) {
    for (std::size_t i = 0; i < blocks; ++i) {
      Buffer body;
      Writer(body).u32(5).text(block);
      event(i == 0 ? binlog::EventType::begin_load_query : binlog::EventType::append_block, body);
    }
    Buffer body;
    Writer writer(body);
    const std::size_t name = text.find("INFILE");
    const std::size_t target = text.rfind("INTO TABLE") + 4;
    writer.u32(9).u32(0).u8(3).u16(0).u16(0).u32(5).u32(name).u32(target).u8(0);
    writer.text_nul("app").text(text);
    return event(binlog::EventType::execute_load_query, body);
  }
  BinlogBuilder& intvar() { return event(binlog::EventType::intvar, Buffer(9, 2)); }

  /// XID, for which the master wants an acknowledgement: packets are counted anew behind that.
  BinlogBuilder& acknowledged_xid() { return acknowledge_next().xid(); }
  /// The same for whatever comes next.
  BinlogBuilder& acknowledge_next() {
    acknowledged_ = true;
    return *this;
  }

  /// A packet that is no event: ERR or EOF.
  BinlogBuilder& control(Bytes payload) {
    Writer(stream_).u24(payload.size()).u8(sequence_++).bytes(payload);
    return *this;
  }

  /// Everything so far, as it comes from the master.
  [[nodiscard]] const Buffer& stream() const { return stream_; }
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::size_t size() const { return stream_.size(); }

 private:
  [[nodiscard]] bool mariadb() const { return flavour_.types > 160; }

  [[nodiscard]] std::size_t event_size(Bytes body) const {
    return binlog::event_header_size + body.size() + (flavour_.crc ? 4 : 0);
  }

  BinlogBuilder& made_event(binlog::EventType type, Bytes body, std::uint16_t flags,
                            std::uint32_t timestamp, std::uint64_t log_pos) {
    Buffer event;
    Writer writer(event);
    writer.u32(timestamp).u8(static_cast<std::uint8_t>(type)).u32(17).u32(event_size(body));
    writer.u32(log_pos).u16(flags).bytes(body);
    if (flavour_.crc) writer.u32(binlog::crc32_of(event));
    return packet(event);
  }

  Buffer mariadb_gtid_body(std::uint8_t flags) {
    Buffer body(8 + 4 + 1 + 6, 0);  // sequence, domain 0, flags, padding
    store_le(body.data(), ++gtids_, 8);
    body[12] = flags;
    return body;
  }

  /// 5.6 knows 35 types, 5.7 38; each later layout goes on behind the one before.
  Buffer gtid_body() {
    Buffer body;
    Writer writer(body);
    writer.u8(1).bytes(Buffer(16, 0xAB)).u64(++gtids_);
    if (flavour_.types > 35) writer.u8(2).u64(gtids_ - 1).u64(gtids_);
    if (flavour_.types > 38) writer.u24(1).u32(0x0660E5).lenenc(300).u32(90704);
    return body;
  }

  BinlogBuilder& format_description(bool own_position) {
    Buffer body;
    Writer writer(body);
    writer.u16(4).text(flavour_.version).zeros(50 - flavour_.version.size()).u32(0).u8(19);
    Buffer sizes(flavour_.types, 0);
    sizes[1] = 13;  // QUERY
    sizes[18] = 8;  // TABLE_MAP
    writer.bytes(sizes).u8(flavour_.crc ? 1 : 0);
    if (!flavour_.crc) writer.u32(0);  // an unused checksum
    return event(binlog::EventType::format_description, body, 0, 1700000000, own_position);
  }

  BinlogBuilder& packet(Bytes event) {
    Buffer payload;
    Writer(payload).u8(0);
    if (flavour_.semi_sync) Writer(payload).u8(0xEF).u8(acknowledged_ ? 1 : 0);
    Writer(payload).bytes(event);
    Bytes rest(payload);
    for (;;) {
      const Bytes piece = rest.first(std::min<std::size_t>(rest.size(), 0xFFFFFF));
      Writer(stream_).u24(piece.size()).u8(sequence_++).bytes(piece);
      rest = rest.subspan(piece.size());
      if (piece.size() < 0xFFFFFF) break;
    }
    if (std::exchange(acknowledged_, false)) sequence_ = 1;
    return *this;
  }

  Flavour flavour_;
  Buffer stream_;
  std::uint8_t sequence_ = 1;
  bool acknowledged_ = false;  // what comes now
  std::uint64_t position_ = 4;
  std::uint64_t gtids_ = 0;
};

/// One event taken out of a dump's packets again.
struct ReadEvent {
  binlog::EventHeader header;
  Buffer bytes;
  std::size_t prefix = 0;  ///< bytes of the payload before the event

  [[nodiscard]] std::string text() const { return std::string(as_text(bytes)); }
  [[nodiscard]] bool crc_is_right() const {
    const Bytes all(bytes);
    return load_le<4>(all.last(4).data()) == binlog::crc32_of(all.first(all.size() - 4));
  }
};

inline std::vector<ReadEvent> read_events(Bytes stream, bool semi_sync = false) {
  std::vector<ReadEvent> events;
  const std::size_t prefix = semi_sync ? 3 : 1;
  while (stream.size() >= 4) {
    Buffer payload;
    std::size_t length = 0;
    do {
      length = static_cast<std::size_t>(load_le<3>(stream.data()));
      const Bytes piece = stream.subspan(4, length);
      payload.insert(payload.end(), piece.begin(), piece.end());
      stream = stream.subspan(4 + length);
    } while (length == 0xFFFFFF);
    if (payload.empty() || payload[0] != 0) continue;
    const Bytes event = Bytes(payload).subspan(prefix);
    if (auto header = binlog::parse_event_header(event)) {
      events.push_back({*header, Buffer(event.begin(), event.end()), prefix});
    }
  }
  return events;
}

}  // namespace sluice::test
