// The decoders of single payloads: whatever they accept is written and read again the same.
// Input: capabilities, then the payload.
#include "fuzz/fuzz.hpp"
#include "protocol/wire/auth_packets.hpp"
#include "protocol/wire/greeting.hpp"
#include "protocol/wire/login_request.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/server_version.hpp"
#include "unit/protocol/wire/result_set_builder.hpp"

using namespace sluice;
using fuzz::exact;
using fuzz::expect;

namespace {

void check_greeting(Bytes payload) {
  const auto greeting = wire::parse_greeting(payload);
  if (!greeting) return;
  expect(greeting->nonce.size() == wire::nonce_size, "a nonce has 20 bytes");
  (void)wire::parse_server_version(greeting->server_version);
  Buffer out;
  wire::serialize(*greeting, out);
  expect(wire::parse_greeting(exact(out)) == greeting, "greeting");
}

void check_login_request(Bytes payload, wire::Capabilities offered) {
  auto request = wire::parse_login_request(payload, offered);
  if (!request) return;
  request->capabilities = request->capabilities & offered;
  Buffer out;
  wire::serialize(*request, out);
  expect(wire::parse_login_request(exact(out), offered) == request, "login request");
}

void check_responses(Bytes payload, wire::Capabilities capabilities) {
  for (const std::uint8_t header : {wire::ok_header, wire::eof_header}) {
    if (const auto ok = wire::parse_ok(payload, capabilities, header)) {
      Buffer out;
      wire::serialize(*ok, capabilities, out, header);
      expect(wire::parse_ok(exact(out), capabilities, header) == ok, "OK");
    }
  }
  if (const auto err = wire::parse_err(payload)) {
    Buffer out;
    wire::serialize(*err, out);
    expect(wire::parse_err(exact(out)) == err, "ERR");
  }
  if (const auto eof = wire::parse_eof(payload)) {
    Buffer out;
    wire::serialize(*eof, out);
    expect(wire::parse_eof(exact(out)) == eof, "EOF");
  }
}

void check_rows(Bytes payload) {
  if (const auto column = wire::parse_column_definition(payload)) {
    Buffer out;
    wire::serialize(*column, out);
    expect(wire::parse_column_definition(exact(out)) == column, "column definition");
  }
  const std::size_t columns = payload.empty() ? 0 : payload.size() % 7;
  if (const auto row = wire::parse_row(payload, columns)) {
    expect(row->size() == columns, "a row has as many values as columns");
    Buffer out;
    wire::serialize_row(*row, out);
    expect(wire::parse_row(exact(out), columns) == row, "row");
  }
}

}  // namespace

FUZZ_TARGET(decoders) {
  fuzz::Choices choices(input);
  const wire::Capabilities capabilities(choices.number(4));
  const Buffer payload = exact(choices.rest());

  check_greeting(payload);
  check_login_request(payload, capabilities);
  check_responses(payload, capabilities);
  check_rows(payload);
  if (const auto request = wire::parse_ssl_request(payload)) {
    Buffer out;
    wire::serialize(*request, out);
    expect(wire::parse_ssl_request(exact(out)) == request, "SSLRequest");
  }
  if (const auto request = wire::parse_auth_switch_request(payload);
      request && payload.size() > 1) {
    Buffer out;
    wire::serialize(*request, out);
    expect(wire::parse_auth_switch_request(exact(out)) == request, "AuthSwitchRequest");
  }
  (void)wire::parse_auth_more_data(payload);
}
