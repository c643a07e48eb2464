// The coordinates that a dump names. Input: a byte, whether GTIDs are wanted; then the file.
#include "proxy/link/dump.hpp"

#include "fuzz/fuzz.hpp"

using namespace sluice;
using fuzz::expect;

FUZZ_TARGET(link_dump) {
  fuzz::Choices choices(input);
  proxy::link::DumpReader reader(choices.yes());
  const Buffer text = fuzz::exact(choices.rest());
  std::string_view rest = as_text(text);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const Buffer alone = fuzz::exact(as_bytes(line));
    if (!reader.take(as_text(alone))) break;
  }
  const auto found = reader.finish();
  if (!found) return;
  expect(!found->file.empty() || found->gtids, "what is found is a position or a GTID set");
  if (!found->gtids) return;
  expect(!found->gtids->empty(), "a GTID set has members");
  expect(found->gtids->find_first_of(" \t\r\n") == std::string::npos, "and no blanks");
}
