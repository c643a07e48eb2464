// Result sets as a server writes them (sql/protocol_classic.cc). Sluice reads them only.
#pragma once

#include "protocol/wire/packet.hpp"
#include "protocol/wire/result_set.hpp"

namespace sluice::wire {

inline void serialize(const ColumnDefinition& column, Buffer& out) {
  Writer writer(out);
  writer.lenenc_text("def").lenenc_text(column.schema);
  writer.lenenc_text(column.table).lenenc_text(column.org_table);
  writer.lenenc_text(column.name).lenenc_text(column.org_name).lenenc(12);
  writer.u16(column.charset).u32(column.length).u8(column.type).u16(column.flags);
  writer.u8(column.decimals).zeros(2);
}

inline void serialize_row(const Row& row, Buffer& out) {
  Writer writer(out);
  for (const auto& value : row) {
    if (value) {
      writer.lenenc_text(*value);
    } else {
      writer.u8(0xFB);
    }
  }
}

/// The whole set as packets. `sequence` is that of the first packet, 1 after a command.
inline void append_result_set(Buffer& out, const ResultSet& set, Capabilities capabilities,
                              std::uint8_t& sequence) {
  const bool deprecate_eof = capabilities.has(Capability::deprecate_eof);
  Buffer payload;
  const auto send = [&] {
    append_packet(out, payload, sequence);
    payload.clear();
  };
  Writer(payload).lenenc(set.columns.size());
  send();
  for (const auto& column : set.columns) {
    serialize(column, payload);
    send();
  }
  if (!deprecate_eof) {
    serialize(EofPacket{}, payload);
    send();
  }
  for (const auto& row : set.rows) {
    serialize_row(row, payload);
    send();
  }
  if (deprecate_eof) {
    serialize(OkPacket{}, capabilities, payload, eof_header);
  } else {
    serialize(EofPacket{}, payload);
  }
  send();
}

}  // namespace sluice::wire
