// What DDL says about tables. Input: flavour and quotes, where to cut the text, the text.
#include "filters/requirements/table_change.hpp"

#include "fuzz/fuzz.hpp"

using namespace sluice;
using filters::TableChange;
using fuzz::expect;

namespace {

void check(const TableChange& change) {
  using Kind = TableChange::Kind;
  expect(!change.table.empty(), "a change is of a table");
  expect((change.table.find('.') != std::string::npos) || change.kind == Kind::schema_dropped,
         "its name is qualified");
  expect(change.kind != Kind::renamed || !change.other.empty(), "what is renamed has a new name");
  expect(change.engine.size() <= 192, "an engine's name is short");
}

}  // namespace

FUZZ_TARGET(table_change) {
  fuzz::Choices choices(input);
  const std::uint8_t bits = choices.byte();
  const auto cut = static_cast<std::size_t>(choices.number(2));
  filters::LexRules rules;
  rules.mariadb = (bits & 1) != 0;
  rules.ansi_quotes = (bits & 2) != 0;
  rules.no_backslash_escapes = (bits & 4) != 0;
  rules.master_version = rules.mariadb ? 101119 : 80036;
  rules.comments = filters::CommentReading::by_version;
  const Buffer text = fuzz::exact(choices.rest());
  for (const TableChange& change : read_table_changes(as_text(text), false, rules, "app")) {
    check(change);
  }
  const Buffer head = fuzz::exact(Bytes(text).first(text.empty() ? 0 : cut % text.size()));
  for (const TableChange& change : read_table_changes(as_text(head), true, rules, "app")) {
    check(change);
  }
}
