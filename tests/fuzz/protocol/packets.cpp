// PacketAssembler, and the commands of what it assembles.
// Input: limit, piece size, capabilities, then a stream of packets.
#include "fuzz/fuzz.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/semi_sync.hpp"

using namespace sluice;
using fuzz::exact;
using fuzz::expect;
using wire::PacketAssembler;
using Status = PacketAssembler::Status;

namespace {

struct Outcome {
  std::vector<Buffer> payloads;
  Status last = Status::need_more;
  std::size_t consumed = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome assemble(Bytes stream, std::size_t limit, std::size_t piece_size) {
  Outcome outcome;
  PacketAssembler assembler(limit);
  std::size_t end = 0;  // of what has arrived
  while (outcome.consumed < stream.size()) {
    end = std::max(end, std::min(outcome.consumed + piece_size, stream.size()));
    const Buffer piece = exact(stream.subspan(outcome.consumed, end - outcome.consumed));
    const auto step = assembler.feed(piece);
    expect(step.consumed <= piece.size(), "no more is consumed than was given");
    outcome.last = step.status;
    outcome.consumed += step.consumed;
    if (step.status == Status::need_more) {
      expect(step.consumed == piece.size(), "who needs more has taken all");
      continue;
    }
    if (step.status != Status::complete) break;
    expect(assembler.payload().size() <= limit, "a payload keeps to the limit");
    outcome.payloads.push_back(exact(assembler.payload()));
    if (piece_size % 2 == 0) assembler.expect_sequence(0);
  }
  return outcome;
}

template <typename T, typename Parse>
void check_round_trip(const std::optional<T>& command, Parse parse) {
  if (!command) return;
  Buffer out;
  serialize(*command, out);
  expect(parse(exact(out)) == command, "a command that was read is written and read the same");
}

void parse_command(const Buffer& payload, wire::Capabilities capabilities) {
  if (const auto text = wire::parse_query(payload, capabilities)) {
    Buffer out;
    wire::serialize_query(*text, capabilities, out);
    const Buffer again = exact(out);
    expect(wire::parse_query(again, capabilities) == *text, "a query is written and read the same");
  }
  check_round_trip(wire::parse_register_slave(payload), wire::parse_register_slave);
  check_round_trip(wire::parse_binlog_dump(payload), wire::parse_binlog_dump);
  check_round_trip(wire::parse_binlog_dump_gtid(payload), wire::parse_binlog_dump_gtid);
  check_round_trip(wire::parse_semi_sync_ack(payload), wire::parse_semi_sync_ack);
  if (!payload.empty()) expect(!wire::command_name(payload[0]).empty(), "every command has a name");
}

}  // namespace

FUZZ_TARGET(packets) {
  fuzz::Choices choices(input);
  const auto limit = static_cast<std::size_t>(choices.number(2));
  const std::size_t piece = std::size_t{1} + choices.byte();
  const wire::Capabilities capabilities(choices.number(4));
  const Bytes stream = choices.rest();

  const Outcome whole = assemble(stream, limit, stream.size() + (stream.size() + piece) % 2);
  const Outcome pieces = assemble(stream, limit, piece);
  expect(whole == pieces, "the pieces a stream comes in make no difference");
  for (const Buffer& payload : whole.payloads) parse_command(payload, capabilities);
}
