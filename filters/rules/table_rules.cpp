#include "filters/rules/table_rules.hpp"

#include <algorithm>
#include <cstdint>

#include "protocol/ascii.hpp"

namespace sluice::filters {
namespace {

/// schema.table without putting it together.
class JoinedName {
 public:
  JoinedName(std::string_view schema, std::string_view table) : schema_(schema), table_(table) {}

  [[nodiscard]] std::size_t size() const { return schema_.size() + 1 + table_.size(); }
  [[nodiscard]] char operator[](std::size_t at) const {
    if (at < schema_.size()) return schema_[at];
    return at == schema_.size() ? '.' : table_[at - schema_.size() - 1];
  }

 private:
  std::string_view schema_;
  std::string_view table_;
};

bool continues_character(char c) {
  return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80;
}

/// my_wildcmp with `%`, `_` and `\`. Greedy with one point to come back to: the last `%`.
template <typename Name>
bool wild_match(const Name& name, std::string_view pattern, NameCase names) {
  const bool ignore_case = names == NameCase::insensitive;
  constexpr auto none = static_cast<std::size_t>(-1);
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t retry_pattern = none;
  std::size_t retry_at = 0;
  while (at < name.size()) {
    bool fits = false;
    if (in_pattern < pattern.size()) {
      char wanted = pattern[in_pattern];
      if (wanted == '%') {
        retry_pattern = ++in_pattern;
        retry_at = at;
        continue;
      }
      if (wanted == '_') {
        ++in_pattern;
        do ++at;
        while (ignore_case && at < name.size() && continues_character(name[at]));
        continue;
      }
      if (wanted == '\\' && in_pattern + 1 < pattern.size()) wanted = pattern[++in_pattern];
      fits = ignore_case ? to_lower(wanted) == to_lower(name[at]) : wanted == name[at];
    }
    if (fits) {
      ++at;
      ++in_pattern;
    } else if (retry_pattern != none) {
      in_pattern = retry_pattern;
      at = ++retry_at;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '%') ++in_pattern;
  return in_pattern == pattern.size();
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\" ";
}

/// What is right as it stands, but hardly ever meant: a pattern that matches nothing would let out
/// what it was to keep in. nullptr: there is no such thing in it.
const char* slip(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '\\':
        ++i;
        break;
      case '*':
        return R"(has a *: any number of characters is %, and a * that belongs to a name is \*)";
      case '`':
      case '\'':
      case '"':
        return R"(has a quote: names are written without, and one that belongs to a name with a \)";
      case ' ':
      case '\t':
        if (i == 0 || i + 1 == text.size() || text[i - 1] == '.' || text[i + 1] == '.') {
          return R"(has a blank before or behind a name; one that belongs to it is written with a \)";
        }
        break;
      default:
        break;
    }
  }
  return nullptr;
}

}  // namespace

boost::system::result<TablePattern, std::string> TablePattern::parse(std::string_view text) {
  constexpr auto none = std::string_view::npos;
  std::size_t dot = none;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i == text.size()) return quoted(text) + "ends in a backslash that escapes nothing";
    } else if (text[i] == '.') {
      if (dot != none) {
        return quoted(text) + "has more than one dot; write a dot that belongs to a name as \\.";
      }
      dot = i;
    }
  }
  if (dot == none) {
    return quoted(text) + "has no dot: write schema.table, such as app.% for every table of app";
  }
  if (dot == 0) return quoted(text) + "has no schema before the dot; % stands for any";
  if (dot + 1 == text.size()) return quoted(text) + "has no table behind the dot; % stands for any";
  if (const char* why = slip(text)) return quoted(text) + why;
  return TablePattern(std::string(text), dot);
}

bool TablePattern::matches(std::string_view schema, std::string_view table, NameCase names) const {
  return wild_match(JoinedName(schema, table), text_, names);
}

bool TablePattern::matches_within(std::string_view schema, NameCase names) const {
  return wild_match(schema, std::string_view(text_).substr(0, dot_), names);
}

TableRules::TableRules(SystemSchema system_schema, std::vector<TablePattern> ignore,
                       std::vector<TablePattern> only, NameCase names)
    : system_schema_(system_schema),
      names_(names),
      ignore_(std::move(ignore)),
      only_(std::move(only)) {
  // They are kept in tables of that schema, so a pattern can mean them too.
  if (system_schema_ == SystemSchema::keep) drops_accounts_ = drops("mysql", "user");
}

bool TableRules::is_system_schema(std::string_view schema) {
  // The prefix with which a name stands for a directory as it is (tablename_to_filename).
  constexpr std::string_view as_it_is = "#mysql50#";
  if (equal_ignoring_case(schema.substr(0, as_it_is.size()), as_it_is)) {
    schema.remove_prefix(as_it_is.size());
  }
  return equal_ignoring_case(schema, "mysql");
}

bool TableRules::any_matches(const std::vector<TablePattern>& patterns, std::string_view schema,
                             std::string_view table) const {
  return std::any_of(patterns.begin(), patterns.end(), [&](const TablePattern& pattern) {
    return pattern.matches(schema, table, names_);
  });
}

TableRules::Dropped TableRules::drops(std::string_view schema, std::string_view table) const {
  if (system_schema_ == SystemSchema::drop && is_system_schema(schema)) {
    return DropRule::system_schema;
  }
  if (any_matches(only_, schema, table)) return std::nullopt;
  if (any_matches(ignore_, schema, table)) return DropRule::ignore;
  return only_.empty() ? std::nullopt : Dropped(DropRule::only);
}

// The servers ask with an empty table name: app.% is every table of app, app.a% is not.
TableRules::Dropped TableRules::drops_schema(std::string_view schema) const {
  return drops(schema, {});
}

TableRules::Dropped TableRules::drops_programs(std::string_view schema) const {
  const Dropped dropped = drops_schema(schema);
  if (!dropped || dropped == DropRule::system_schema) return dropped;
  const bool some_pass = std::any_of(only_.begin(), only_.end(), [&](const TablePattern& pattern) {
    return pattern.matches_within(schema, names_);
  });
  return some_pass ? std::nullopt : dropped;
}

TableRules TableRules::comparing(NameCase names) const {
  return {system_schema_, ignore_, only_, names};
}

bool TableRules::drops_nothing() const {
  return system_schema_ == SystemSchema::keep && !has_patterns();
}

}  // namespace sluice::filters
