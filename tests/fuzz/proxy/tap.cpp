// What a tap makes of packets that peers send, and of the query that says what to show. Input: a
// choice; then messages of server and replica in turn, or the query.
#include <string>

#include "fuzz/fuzz.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/login_request.hpp"
#include "proxy/tap/login_copy.hpp"
#include "proxy/tap/packet_text.hpp"
#include "proxy/tap/tap_filter.hpp"

using namespace sluice;
using namespace sluice::proxy::tap;
using fuzz::expect;

namespace {

void describe_it(PacketKind kind, Direction direction, Bytes payload) {
  PacketEntry packet{kind, direction, 0, payload.size() + 4, {}};
  Writer(packet.bytes).u24(payload.size()).u8(0).bytes(payload);
  expect(!describe(packet).name.empty(), "every packet has a name");
}

void fuzz_login(fuzz::Choices& in) {
  LoginCopy copy;
  bool from_server = true;
  for (int messages = 0; messages < 20 && in.any(); ++messages) {
    const Buffer payload = fuzz::exact(in.message());
    const auto shown = from_server ? copy.from_server(payload) : copy.from_replica(payload);
    const auto direction = from_server ? Direction::down : Direction::up;
    describe_it(shown.kind, direction, shown.payload);
    if (!from_server && shown.kind == PacketKind::authentication) {
      expect(shown.payload == Buffer(20, 'x'), "nothing is shown of an answer");
    }
    if (shown.kind == PacketKind::login_request && !shown.payload.empty()) {
      const auto login = wire::parse_login_request(shown.payload, wire::minimal_dialect);
      expect(!login || login->auth_response.find_first_not_of('x') == std::string::npos,
             "nor of the response in a login");
    }
    from_server = !from_server;
  }
}

void fuzz_command(fuzz::Choices& in) {
  const bool with_content = in.yes();
  const Buffer payload = fuzz::exact(in.rest());
  const Buffer shown = copy_of_command(payload, with_content);
  describe_it(PacketKind::command, Direction::up, shown);
  if (const auto registration = wire::parse_register_slave(payload)) {
    expect(wire::parse_register_slave(shown) == registration, "a registration stays the same");
  }
  for (const auto kind : {PacketKind::answer, PacketKind::event, PacketKind::greeting,
                          PacketKind::login_request, PacketKind::acknowledgement}) {
    describe_it(kind, Direction::down, payload);
    expect(size_of_head(kind, payload, with_content) <= payload.size(), "a head is a part");
  }
}

void fuzz_query(fuzz::Choices& in) {
  const Buffer bytes = fuzz::exact(in.rest());
  const auto filter = parse_tap_filter(as_text(bytes));
  if (!filter) {
    expect(!filter.error().empty(), "a query is refused for a reason");
    return;
  }
  for (const auto& schema : filter->schemas) {
    const auto again = parse_tap_filter("schema=" + percent_encoded(schema));
    expect(again.has_value() && again->schemas.front() == schema, "encoding is undone");
  }
}

}  // namespace

FUZZ_TARGET(tap) {
  fuzz::Choices in(input);
  switch (in.byte() % 3) {
    case 0:
      return fuzz_login(in);
    case 1:
      return fuzz_command(in);
    default:
      return fuzz_query(in);
  }
}
