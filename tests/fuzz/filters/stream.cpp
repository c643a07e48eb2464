// StreamFilter on anything that a master, or what plays one, may send.
// Input: options, piece sizes, then the stream.
#include "filters/requirements/requirements.hpp"
#include "fuzz/filters/passing.hpp"

using namespace sluice;
using fuzz::expect;
using fuzz::Outcome;
using fuzz::State;

namespace {

const filters::TableRules drop_system;
const filters::TableRules drop_nothing(filters::SystemSchema::keep, {}, {});

}  // namespace

FUZZ_TARGET(stream) {
  using Phase = filters::GroupState::Phase;
  fuzz::Choices choices(input);
  const std::uint8_t bits = choices.byte();
  const std::uint8_t piece = choices.byte();
  const std::uint8_t stop_at = choices.byte();
  const Buffer stream = fuzz::exact(choices.rest());

  fuzz::Manner manner{&drop_system};
  manner.semi_sync = (bits & 1) != 0;
  manner.stop_at_border = (bits & 2) != 0;
  if ((bits & 4) != 0) manner.stop_at = std::uint64_t{stop_at} * 4;
  manner.context.phase = (bits & 8) != 0 ? Phase::between_groups : Phase::in_transaction;
  if ((bits & 16) != 0) {
    const auto rule = piece % 2 == 0 ? std::optional(filters::DropRule::ignore) : std::nullopt;
    manner.context.add_table({stop_at, rule, true}, "app", "t");
  }

  const Outcome whole = fuzz::pass(manner, stream, fuzz::in_one_piece());
  expect(whole.out.size() <= stream.size(), "nothing is added");
  expect(whole == fuzz::pass(manner, stream, [&] { return piece; }),
         "the pieces a stream comes in make no difference");

  // Who watches changes nothing. What is held for a watcher may be left over at the end.
  filters::RequirementsWatch watch({}, std::make_shared<filters::OwnTableNotes>(),
                                   [](const filters::TableComplaint& complaint) {
                                     expect(!complaint.table.empty(), "a complaint has a table");
                                   });
  fuzz::Manner watched = manner;
  watched.observer = &watch;
  const Outcome seen = fuzz::pass(watched, stream, fuzz::in_one_piece());
  expect(seen.out.size() <= whole.out.size() &&
             std::equal(seen.out.begin(), seen.out.end(), whole.out.begin()),
         "a watcher changes nothing");

  // What has gone through goes through another relay as it is.
  fuzz::Manner plain{&drop_nothing};
  plain.semi_sync = manner.semi_sync;
  const Outcome again = fuzz::pass(plain, whole.out, fuzz::in_one_piece());
  expect(std::equal(again.out.begin(), again.out.end(), whole.out.begin()),
         "rules that drop nothing change no byte");
  if (whole.state == State::flowing) {
    expect(again.state == State::flowing && again.out.size() == whole.out.size(),
           "what one relay lets through another does");
  }
}
