#include "protocol/wire/response.hpp"

namespace sluice::wire {

namespace {

constexpr char sqlstate_marker = '#';
constexpr std::size_t sqlstate_size = 5;

}  // namespace

std::optional<OkPacket> parse_ok(Bytes payload, Capabilities capabilities, std::uint8_t header) {
  Cursor in(payload);
  if (in.u8() != header || !in.ok()) return std::nullopt;
  OkPacket ok;
  ok.affected_rows = in.lenenc();
  ok.last_insert_id = in.lenenc();
  ok.status = in.u16();
  ok.warnings = in.u16();
  if (!capabilities.has(Capability::session_track)) {
    ok.info = in.rest_text();
  } else if (in.remaining() > 0) {  // the server leaves both out when both are empty
    ok.info = in.lenenc_text();
    if ((ok.status & status_session_state_changed) != 0) ok.state_changes = in.lenenc_text();
  }
  if (!in.ok()) return std::nullopt;
  return ok;
}

void serialize(const OkPacket& ok, Capabilities capabilities, Buffer& out, std::uint8_t header) {
  Writer writer(out);
  writer.u8(header).lenenc(ok.affected_rows).lenenc(ok.last_insert_id);
  writer.u16(ok.status).u16(ok.warnings);
  if (!capabilities.has(Capability::session_track)) {
    writer.text(ok.info);
    return;
  }
  const bool changed = (ok.status & status_session_state_changed) != 0;
  if (changed || !ok.info.empty()) writer.lenenc_text(ok.info);
  if (changed) writer.lenenc_text(ok.state_changes);
}

std::optional<ErrPacket> parse_err(Bytes payload) {
  Cursor in(payload);
  if (in.u8() != err_header) return std::nullopt;
  ErrPacket err;
  err.code = in.u16();
  auto text = in.rest_text();
  if (!in.ok()) return std::nullopt;
  if (text.starts_with(sqlstate_marker)) {
    if (text.size() < 1 + sqlstate_size) return std::nullopt;
    err.sqlstate = text.substr(1, sqlstate_size);
    text.remove_prefix(1 + sqlstate_size);
  }
  err.message = text.substr(0, max_error_message);
  return err;
}

void serialize(const ErrPacket& err, Buffer& out) {
  Writer writer(out);
  writer.u8(err_header).u16(err.code);
  if (!err.sqlstate.empty()) {
    writer.u8(static_cast<std::uint8_t>(sqlstate_marker)).text(err.sqlstate);
  }
  writer.text(err.message);
}

std::optional<EofPacket> parse_eof(Bytes payload) {
  Cursor in(payload);
  if (!is_eof(payload)) return std::nullopt;
  in.skip(1);
  EofPacket eof;
  eof.warnings = in.u16();
  eof.status = in.u16();
  if (!in.ok()) return std::nullopt;
  return eof;
}

void serialize(const EofPacket& eof, Buffer& out) {
  Writer(out).u8(eof_header).u16(eof.warnings).u16(eof.status);
}

}  // namespace sluice::wire
