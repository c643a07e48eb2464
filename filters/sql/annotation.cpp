#include "filters/sql/annotation.hpp"

#include <algorithm>
#include <array>

#include "filters/sql/statement.hpp"
#include "protocol/ascii.hpp"

namespace sluice::filters {
namespace {

constexpr std::string_view system_schema = "mysql";

/// Whether its name is anywhere in the text, be it in a value. Its rarest letter is looked for.
bool may_name_system_schema(std::string_view text) {
  constexpr std::size_t before_q = system_schema.find('q');
  for (const char q : {'q', 'Q'}) {
    for (std::size_t at = text.find(q, before_q); at != std::string_view::npos;
         at = text.find(q, at + 1)) {
      const auto word = text.substr(at - before_q, system_schema.size());
      if (equal_ignoring_case(word, system_schema)) return true;
    }
  }
  return false;
}

bool belongs_to_name(char c) {
  return is_alphanumeric(c) || c == '_' || c == '$' || c == '`' || c == '"' || is_high(c);
}

/// Whether there is a dot anywhere, be it in a value, but one behind a number: no name is digits
/// only unless it is in quotes.
bool may_have_qualified_name(std::string_view text) {
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos;
       dot = text.find('.', dot + 1)) {
    std::size_t digits = dot;
    while (digits > 0 && is_digit(text[digits - 1])) --digits;
    const bool is_number = digits < dot && (digits == 0 || !belongs_to_name(text[digits - 1]));
    if (!is_number) return true;
  }
  return false;
}

std::string_view without_comments_before(std::string_view text) {
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const bool is_comment = text.starts_with("/*") && !text.starts_with("/*!") &&
                            !text.starts_with("/*M!") &&
                            text.find("*/", 2) != std::string_view::npos;
    if (!is_comment) return text;
    text.remove_prefix(text.find("*/", 2) + 2);
  }
}

/// Takes the next word, or name in quotes, from the text. Empty: columns or values begin, or
/// nothing is left.
std::string_view take_word(std::string_view& text) {
  const auto is_quote = [](char c) { return c == '`' || c == '"'; };
  while (!text.empty() && !is_quote(text.front()) && !belongs_to_name(text.front())) {
    if (text.front() == '\'' || text.front() == '(' || text.front() == '=') return {};
    text.remove_prefix(1);
  }
  if (text.empty()) return {};
  const bool quoted = is_quote(text.front());
  const std::size_t begin = quoted ? 1 : 0;
  std::size_t end = begin;
  while (end < text.size() && (quoted ? text[end] != text.front()
                                      : belongs_to_name(text[end]) && !is_quote(text[end]))) {
    ++end;
  }
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(std::min(end + begin, text.size()));
  return word;
}

/// Whether it is one statement that changes rows. MariaDB has the whole of a compound statement, or
/// of a CALL, before the rows of a sequence that it uses elsewhere than in a statement.
bool begins_change(std::string_view text) {
  auto word = take_word(text);
  constexpr std::array<std::string_view, 4> changes{"insert", "replace", "update", "delete"};
  const auto is_one = [&](std::string_view one) { return equal_ignoring_case(word, one); };
  if (std::ranges::any_of(changes, is_one)) return true;
  if (!is_one("create")) return false;
  do {
    word = take_word(text);
  } while (is_one("or") || is_one("replace") || is_one("temporary"));
  return is_one("table");
}

/// What is read, or set, begins behind it.
bool ends_target(std::string_view word) {
  constexpr std::array<std::string_view, 5> words{"on", "select", "set", "values", "where"};
  return std::ranges::any_of(
      words, [word](std::string_view one) { return equal_ignoring_case(word, one); });
}

}  // namespace

bool annotation_names(std::string_view text, std::string_view table) {
  text = without_comments_before(text);
  if (!begins_change(text)) return false;
  for (auto word = take_word(text); !word.empty(); word = take_word(text)) {
    if (equal_ignoring_case(word, table)) return true;
    if (ends_target(word)) return false;
  }
  return false;
}

bool annotation_tells_of_dropped(std::string_view text, bool truncated, std::string_view schema,
                                 const binlog::FormatDescription& format, const TableRules& rules) {
  const auto judge = [&](std::string_view default_schema) {
    StatementContext context{.default_schema = default_schema,
                             .mariadb = format.mariadb,
                             .master_version = format.version};
    auto said = judge_statement(text, truncated, context, rules);
    // A table's name in double quotes is read by one who knows that it is one.
    if (said.verdict == StatementVerdict::undecidable && text.find('"') != std::string_view::npos) {
      context.sql_mode = ansi_quotes_mode;
      said = judge_statement(text, truncated, context, rules);
    }
    return said;
  };

  // To judge takes as long as all other events of a small transaction do together. Where only the
  // system schema is dropped, a text without its name can be on it by the default schema alone;
  // and on a kept table beside it only if that one has its schema before it.
  const bool may_be_on_both = truncated || rules.has_patterns() || may_name_system_schema(text);
  if (may_be_on_both) {
    const auto said = judge(schema);
    if (said.mixed) return true;
    // A table without a schema was that of the kept TABLE_MAP. What is no statement of this kind,
    // such as a SELECT of a function, is not on several tables.
    if (said.verdict != StatementVerdict::keep && said.kind != StatementKind::unknown) return true;
  }
  if (!may_be_on_both && !may_have_qualified_name(text)) return false;
  const auto said = judge(system_schema);
  // Not decidable: of tables of both sorts it is not known which ones are changed.
  return said.mixed ||
         (said.verdict == StatementVerdict::undecidable && said.kind != StatementKind::unknown);
}

}  // namespace sluice::filters
