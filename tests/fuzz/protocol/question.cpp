// The replica's questions. Input: the text.
#include "protocol/wire/question.hpp"
#include "fuzz/fuzz.hpp"

using namespace sluice;
using fuzz::expect;

namespace {

bool is_plain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '\'' && c != '"' && c != '\\' && c != '`' && c != ';';
  });
}

}  // namespace

FUZZ_TARGET(question) {
  const Buffer bytes = fuzz::exact(input);
  const std::string_view text = as_text(bytes);
  const wire::Question question = wire::parse_question(text);
  if (const auto* refused = std::get_if<wire::RefusedQuestion>(&question)) {
    expect(!refused->reason.empty(), "a refusal has a reason");
    return;
  }
  for (const std::uint8_t byte : bytes) {
    expect(byte != 0 && byte < 0x80, "what goes on to the master is ASCII");
  }
  if (const auto* forward = std::get_if<wire::ForwardQuestion>(&question)) {
    for (const auto& assignment : forward->assignments) {
      expect(is_plain(assignment.value), "a value that is set has nothing to escape");
      expect(!wire::setting_name(assignment.setting).empty(), "a setting has a name");
    }
  }
  Buffer spaced = bytes;
  spaced.insert(spaced.begin(), ' ');
  spaced.push_back('\n');
  expect(wire::parse_question(as_text(spaced)).index() == question.index(),
         "blanks around a question do not matter");
}
