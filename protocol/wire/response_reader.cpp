#include "protocol/wire/response_reader.hpp"

#include "protocol/server_limits.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"

namespace sluice::wire {

namespace {

constexpr std::uint8_t local_file_request = 0xFB;

}  // namespace

ResponseReader::Progress ResponseReader::feed(Bytes payload) {
  switch (state_) {
    case State::first:
      return first(payload);
    case State::columns:
      part_ = Part::column;
      if (payload.empty() || is_err(payload)) return broken();
      if (++columns_seen_ == columns_) {
        state_ = capabilities_.has(Capability::deprecate_eof) ? State::rows : State::columns_end;
      }
      return Progress::more;
    case State::columns_end:
      part_ = Part::columns_end;
      if (!parse_eof(payload)) return broken();
      state_ = State::rows;
      return Progress::more;
    case State::rows:
      return row_or_end(payload);
    case State::broken:
      break;
  }
  return broken();
}

ResponseReader::Progress ResponseReader::first(Bytes payload) {
  if (payload.empty() || payload[0] == local_file_request) return broken();
  part_ = Part::ok;
  if (payload[0] == ok_header) return after_ok(payload, ok_header);
  if (is_err(payload)) return after_err(payload);
  Cursor in(payload);
  columns_ = in.lenenc();
  columns_seen_ = 0;
  part_ = Part::column_count;
  if (!in.ok() || in.remaining() > 0 || columns_ == 0 || columns_ > max_columns) return broken();
  state_ = State::columns;
  return Progress::more;
}

ResponseReader::Progress ResponseReader::row_or_end(Bytes payload) {
  part_ = Part::row;
  if (payload.empty()) return broken();
  if (is_err(payload)) return after_err(payload);
  if (payload[0] != eof_header) return Progress::more;
  if (capabilities_.has(Capability::deprecate_eof)) {
    // A row may begin with 0xFE too, but only if its first value is longer than a packet.
    if (payload.size() >= max_packet_payload) return Progress::more;
    part_ = Part::rows_end;
    return after_ok(payload, eof_header);
  }
  if (!is_eof(payload)) return Progress::more;
  part_ = Part::rows_end;
  const auto eof = parse_eof(payload);
  return eof ? ended(eof->status) : broken();
}

ResponseReader::Progress ResponseReader::after_ok(Bytes payload, std::uint8_t header) {
  const auto ok = parse_ok(payload, capabilities_, header);
  return ok ? ended(ok->status) : broken();
}

ResponseReader::Progress ResponseReader::after_err(Bytes payload) {
  part_ = Part::error;
  return parse_err(payload) ? ended(0) : broken();
}

ResponseReader::Progress ResponseReader::ended(std::uint16_t status) {
  state_ = State::first;
  return (status & status_more_results) != 0 ? Progress::more : Progress::complete;
}

ResponseReader::Progress ResponseReader::broken() {
  state_ = State::broken;
  return Progress::malformed;
}

}  // namespace sluice::wire
