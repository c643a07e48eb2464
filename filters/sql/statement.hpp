// May a statement of a QUERY or EXECUTE_LOAD_QUERY event pass?
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "filters/rules/table_rules.hpp"
#include "filters/sql/sql_lexer.hpp"
#include "filters/sql/statement_kind.hpp"

namespace sluice::binlog {
struct FormatDescription;
struct QueryEvent;
}  // namespace sluice::binlog

namespace sluice::filters {

/// In the sql_mode: "a" is a name (sql/query_options.h, MODE_ANSI_QUOTES).
constexpr std::uint64_t ansi_quotes_mode = 0x4;
/// A backslash is one (MODE_NO_BACKSLASH_ESCAPES).
constexpr std::uint64_t no_backslash_escapes_mode = std::uint64_t{1} << 20;
/// [a] is a name (MariaDB: sql/sql_class.h, MODE_MSSQL).
constexpr std::uint64_t mssql_mode = std::uint64_t{1} << 10;

/// What the event says about the session that ran the statement, and who the master is.
struct StatementContext {
  std::string_view default_schema;   ///< QUERY's database, empty if none
  std::uint64_t sql_mode = 0;        ///< status variable 1; 0 if absent
  std::uint16_t client_charset = 0;  ///< status variable 4, its first collation id; 0 if absent
  bool mariadb = false;
  std::uint32_t master_version = 0;  ///< 80036, 101119; 0 if not known
  std::uint64_t updated_tables = 0;  ///< status variable 9, a bit a table of an UPDATE; 0 if absent
  std::optional<std::uint32_t> behind_file_name = {};  ///< binlog::QueryEvent has it
  /// Whether it has run: then what has no schema or too long a name is kept, as servers refuse it,
  /// and so is what has a name that cannot be compared.
  bool has_run = false;
};

/// nullopt: the event contradicts itself.
[[nodiscard]] std::optional<StatementContext> context_of(const binlog::QueryEvent& query,
                                                         const binlog::FormatDescription& format);

enum class StatementVerdict : std::uint8_t {
  keep,
  drop,
  need_more,    ///< only with truncated text: ask again with more of it
  undecidable,  ///< fail closed
};

struct StatementJudgement {
  StatementVerdict verdict = StatementVerdict::undecidable;
  StatementKind kind = StatementKind::unknown;  ///< to_string(kind) for logs
  std::string_view reason = {};  ///< when undecidable; a constant, never a part of the statement
  std::optional<DropRule> rule = {};  ///< when dropped: the rule that decided
  bool mixed = false;  ///< it changes both what is dropped and what is kept; all of it goes one way
};

/// How a statement of that session is to be read.
[[nodiscard]] LexRules lex_rules(const StatementContext& context);

/// Judges by what the statement *changes*, and as the servers' own filter does: the first table
/// that a rule names decides on all of it. statement_kind.cpp has the rule of each kind. One that
/// the servers would apply although it writes into the system schema is undecidable. `text` may be
/// the head of a longer statement, which `truncated` says; the head is enough for most, however
/// long their lists of values are. Does not allocate.
///
/// An executable comment is read as the master read it. Where a replica of another version would
/// read another statement out of what passes, or another verdict, the statement is undecidable.
[[nodiscard]] StatementJudgement judge_statement(std::string_view text, bool truncated,
                                                 const StatementContext& context,
                                                 const TableRules& rules);

}  // namespace sluice::filters
