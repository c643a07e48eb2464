#include "filters/requirements/table_change.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "filters/rules/table_text.hpp"
#include "filters/sql/statement_reader.hpp"

namespace sluice::filters {
namespace {

using namespace std::string_view_literals;
using Change = TableChange::Kind;
using PrimaryKey = TableChange::PrimaryKey;

// What begins a definition that is not of a column.
constexpr std::array not_columns = {
    "PRIMARY"sv,    "KEY"sv,     "INDEX"sv, "UNIQUE"sv, "FULLTEXT"sv,  "SPATIAL"sv, "VECTOR"sv,
    "CONSTRAINT"sv, "FOREIGN"sv, "CHECK"sv, "PERIOD"sv, "PARTITION"sv, "SYSTEM"sv};

/// NAME_LEN, in bytes.
constexpr std::size_t max_engine = std::size_t{64} * 3;

bool is_column(const Token& first) {
  return std::none_of(not_columns.begin(), not_columns.end(),
                      [&](std::string_view word) { return first.is(word); });
}

class ChangeReader {
 public:
  ChangeReader(std::string_view text, bool truncated, const LexRules& lexis,
               std::string_view default_schema)
      : reader_(text, truncated, lexis), default_schema_(default_schema) {}

  std::vector<TableChange> read() {
    if (reader_.token().is("SET") && reader_.peek().is("STATEMENT") &&
        !reader_.skip_expressions_past("FOR")) {
      return {};
    }
    if (reader_.accept("CREATE")) {
      create();
    } else if (reader_.accept("ALTER")) {
      alter();
    } else if (reader_.accept("DROP")) {
      drop();
    } else if (reader_.accept("RENAME") && (reader_.accept("TABLE") || reader_.accept("TABLES"))) {
      rename();
    }
    return std::move(changes_);
  }

 private:
  // CREATE [OR REPLACE] TABLE [IF NOT EXISTS] t {LIKE u | (LIKE u) | [(definitions)] options ..}
  void create() {
    if (reader_.accept("OR")) reader_.accept("REPLACE");
    TableChange change{Change::created};
    if (!reader_.accept("TABLE") || !name(change.table)) return;
    const bool bracketed = reader_.token().is('(') && reader_.peek().is("LIKE");
    if (bracketed) reader_.advance();
    if (reader_.accept("LIKE")) {
      if (name(change.other)) changes_.push_back(std::move(change));
      return;
    }
    change.primary_key = PrimaryKey::absent;
    if (reader_.token().is('(') && !is_query(reader_.peek())) {
      reader_.advance();
      definitions(change.primary_key);
    }
    while (!reader_.at_end() && !is_query(reader_.token()) && !reader_.token().is("AS")) {
      if (reader_.token().is("ENGINE")) {
        engine(change.engine);
      } else if (!reader_.skip()) {
        break;
      }
    }
    changes_.push_back(std::move(change));
  }

  static bool is_query(const Token& token) {
    return token.is("SELECT") || token.is("VALUES") || token.is("WITH") || token.is('(');
  }

  // column, column, index .. ); what is cut before its end says nothing of what it lacks.
  void definitions(PrimaryKey& key) {
    do {
      definition(key, is_column(reader_.token()));
      if (reader_.is_stuck() || reader_.at_end()) {
        if (key == PrimaryKey::absent) key = PrimaryKey::unsaid;
        return;
      }
    } while (reader_.accept(','));
    reader_.accept(')');
  }

  /// Up to the comma or parenthesis behind it. A column may be a KEY; that is the primary one.
  void definition(PrimaryKey& key, bool column) {
    Token previous;
    while (!reader_.at_end() && !reader_.token().is(',') && !reader_.token().is(')')) {
      const Token token = reader_.token();
      if (token.is("KEY") && (previous.is("PRIMARY") || (column && !previous.is("UNIQUE")))) {
        key = PrimaryKey::present;
      }
      previous = token;
      if (!reader_.skip()) return;
    }
  }

  // ALTER [ONLINE] [IGNORE] TABLE [IF EXISTS] t specification, specification ..
  void alter() {
    while (reader_.accept("ONLINE") || reader_.accept("IGNORE")) {
    }
    TableChange change{Change::altered};
    if (!reader_.accept("TABLE") || !name(change.table)) return;
    bool dropped = false;
    do {
      specification(change, dropped);
    } while (reader_.accept(','));
    if (dropped && change.primary_key == PrimaryKey::unsaid && !reader_.is_stuck()) {
      change.primary_key = PrimaryKey::absent;
    }
    std::string to = std::exchange(change.other, {});
    TableChange renamed{Change::renamed, change.table, std::move(to)};
    changes_.push_back(std::move(change));
    if (!renamed.other.empty()) changes_.push_back(std::move(renamed));
  }

  void specification(TableChange& change, bool& key_dropped) {
    if (reader_.accept("RENAME")) {
      const Token what = reader_.token();
      if (!what.is("COLUMN") && !what.is("INDEX") && !what.is("KEY")) {
        if (!reader_.accept("TO") && !reader_.accept("AS")) reader_.accept('=');
        if (!name(change.other)) return;
      }
    } else if (reader_.accept("ADD")) {
      reader_.accept("COLUMN");
      reader_.skip_if_exists();
      if (reader_.accept('(')) {
        PrimaryKey key = PrimaryKey::unsaid;
        definitions(key);
        if (key == PrimaryKey::present) change.primary_key = key;
      }
      return definition(change.primary_key, is_column(reader_.token()));
    } else if (reader_.accept("MODIFY") || reader_.accept("CHANGE")) {
      return definition(change.primary_key, true);
    } else if (reader_.accept("DROP") && reader_.token().is("PRIMARY")) {
      key_dropped = true;
    }
    // Options stand one behind the other without commas, so there may be several.
    bool first = true;
    while (!reader_.at_end() && !reader_.token().is(',')) {
      if (reader_.token().is("ENGINE") && (first || reader_.peek().is('='))) {
        engine(change.engine);
      } else if (!reader_.skip()) {
        return;
      }
      first = false;
    }
  }

  // DROP TABLE [IF EXISTS] t, u ..; DROP {DATABASE | SCHEMA} [IF EXISTS] s
  void drop() {
    if (reader_.accept("DATABASE") || reader_.accept("SCHEMA")) {
      reader_.skip_if_exists();
      NameBuffer buffer;
      const auto schema =
          reader_.token().is_name() ? unquoted(reader_.token(), buffer) : std::nullopt;
      if (schema && !schema->empty())
        changes_.push_back({Change::schema_dropped, std::string(*schema)});
      return;
    }
    if (!reader_.accept("TABLE") && !reader_.accept("TABLES")) return;
    do {
      TableChange change{Change::dropped};
      if (!name(change.table)) return;
      changes_.push_back(std::move(change));
    } while (reader_.accept(','));
  }

  // a [WAIT 1 | NOWAIT] TO b, ..
  void rename() {
    do {
      TableChange change{Change::renamed};
      if (!name(change.table) || !reader_.skip_past("TO") || !name(change.other)) return;
      changes_.push_back(std::move(change));
    } while (reader_.accept(','));
  }

  // ENGINE [=] x, 'x' or `x`
  void engine(std::string& engine) {
    reader_.advance();
    reader_.accept('=');
    std::string_view text = reader_.token().text;
    if (reader_.token().kind == TokenKind::string || reader_.token().kind == TokenKind::name) {
      text = text.substr(1, text.size() - 2);
    } else if (reader_.token().kind != TokenKind::word) {
      return;
    }
    engine = text.substr(0, max_engine);
    reader_.advance();
  }

  bool name(std::string& full) {
    reader_.skip_if_exists();
    TableName name;
    if (!reader_.table_name(name)) return false;
    NameBuffer schema_buffer;
    NameBuffer table_buffer;
    const auto schema =
        name.has_schema() ? unquoted(name.schema, schema_buffer) : std::optional(default_schema_);
    const auto table = unquoted(name.table, table_buffer);
    if (!schema || !table) return false;
    full.clear();
    append_table(full, *schema, *table);
    return true;
  }

  StatementReader reader_;
  std::string_view default_schema_;
  std::vector<TableChange> changes_;
};

}  // namespace

std::vector<TableChange> read_table_changes(std::string_view text, bool truncated,
                                            const LexRules& lexis,
                                            std::string_view default_schema) {
  return ChangeReader(text, truncated, lexis, default_schema).read();
}

}  // namespace sluice::filters
