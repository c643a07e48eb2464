// Judges one reading of a statement: what judge_statement() is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "filters/sql/other_sessions.hpp"
#include "filters/sql/statement.hpp"
#include "filters/sql/statement_reader.hpp"
#include "filters/sql/table_references.hpp"

namespace sluice::filters {

class StatementJudge {
 public:
  /// The reason why a text that is no statement is undecidable.
  static constexpr std::string_view not_understood = "the statement is not understood";
  static constexpr std::string_view spoilt =
      "it has a comment that the master has left out, and that may end elsewhere in the binlog";

  StatementJudge(std::string_view text, bool truncated, const LexRules& lexis,
                 const StatementContext& context, const TableRules& rules)
      : text_(text),
        truncated_(truncated),
        lexis_(lexis),
        reader_(text, truncated, lexis),
        rules_(rules),
        default_schema_(context.default_schema),
        updated_tables_(context.updated_tables),
        behind_file_name_(context.behind_file_name),
        mariadb_(context.mariadb),
        has_run_(context.has_run) {}

  [[nodiscard]] StatementJudgement judge();
  [[nodiscard]] bool saw_executable_comment() const { return reader_.saw_executable_comment(); }
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool is_truncated() const { return truncated_; }
  /// What others may read otherwise of that which this has looked at.
  [[nodiscard]] Doubts doubts() const {
    constexpr std::size_t longest_character = 4;  // where it is stuck
    const std::size_t size = reader_.bytes_read() + (reader_.is_stuck() ? longest_character : 0);
    return doubts_of(text_.substr(begin_), size, truncated_, lexis_);
  }
  /// What of the text this has looked at.
  [[nodiscard]] std::string_view text_read() const {
    return text_.substr(begin_, reader_.bytes_read());
  }

 private:
  enum class Read : std::uint8_t { done, failed };

  /// In the place of one that cannot be compared. None ends with a blank (check_table_name in
  /// sql/table.cc).
  static constexpr std::string_view nobodys_name = " ";

  [[nodiscard]] Read skip_prefixes();
  [[nodiscard]] Read skip_with();
  [[nodiscard]] Read skip_modifiers();
  [[nodiscard]] StatementJudgement apply(StatementKind kind);
  [[nodiscard]] Read read_targets(StatementKind kind);
  [[nodiscard]] StatementJudgement verdict(StatementKind kind) const;
  [[nodiscard]] StatementJudgement failure(StatementKind kind) const;

  // In statement_judge_targets.cpp; those of UPDATE and DELETE in statement_judge_joins.cpp.
  [[nodiscard]] static bool is_table_keyword(const Token& token);
  [[nodiscard]] Read insert();
  [[nodiscard]] Read load();
  [[nodiscard]] Read update();
  [[nodiscard]] bool may_be_query(const TableReference& reference) const;
  [[nodiscard]] std::optional<bool> are_alike(const TableReferences& references);
  [[nodiscard]] Read assignments(const TableReferences& references, TableSet& updated);
  [[nodiscard]] bool is_sure_of_system_schema(const TableReferences& references,
                                              const TableSet& updated);
  [[nodiscard]] bool is_in_order(const TableReferences& references) const;
  void check_order(const TableReferences& references);
  [[nodiscard]] bool keeps_first(const TableReferences& references);
  [[nodiscard]] Read delete_rows();
  [[nodiscard]] Read select();
  [[nodiscard]] Read alter_table();
  [[nodiscard]] Read table_behind_on();
  [[nodiscard]] Read table();
  [[nodiscard]] Read unasked_table();
  [[nodiscard]] Read table_list();
  [[nodiscard]] Read rename_list();
  [[nodiscard]] Read maintenance_list();
  [[nodiscard]] Read program(StatementKind kind);
  [[nodiscard]] Read renamed_event();
  [[nodiscard]] Read schema(bool optional);
  [[nodiscard]] StatementJudgement flush();
  [[nodiscard]] StatementJudgement alter_tablespace();
  [[nodiscard]] StatementJudgement create_function();
  [[nodiscard]] StatementJudgement drop_function();

  /// nullopt, with the reason, if the name cannot be judged.
  [[nodiscard]] std::optional<TableRules::Dropped> decide(const TableName& name);
  /// In the order in which the servers ask for the tables.
  void count(const TableName& name);
  /// Changed too, but the servers do not ask for it.
  void count_unasked(const TableName& name);
  void count_program(const TableName& name);
  void count(TableRules::Dropped rule) {
    decided_ = rule;
    note(rule);
  }
  void note(TableRules::Dropped rule) { (rule ? drops_some_ : keeps_some_) = true; }
  /// Whether it is kept, whatever the rules say.
  [[nodiscard]] bool is_nobodys(std::string_view schema) const {
    return has_run_ && (schema.empty() || schema == nobodys_name);
  }
  [[nodiscard]] std::optional<std::string_view> known_name(const Token& token, NameBuffer& buffer);

  std::string_view text_;
  bool truncated_;
  const LexRules& lexis_;
  StatementReader reader_;
  std::size_t begin_ = 0;  // where the reader has begun
  const TableRules& rules_;
  std::string_view default_schema_;
  std::uint64_t updated_tables_;
  std::optional<std::uint32_t> behind_file_name_;
  bool mariadb_;
  bool has_run_;
  bool has_ctes_ = false;         // WITH x AS (..)
  bool drops_temporary_ = false;  // DROP TEMPORARY
  bool always_applied_ = false;   // DROP TEMPORARY .. IF EXISTS: the servers ask no rules
  // What the first table decided that a pattern names, or the one thing that is changed.
  std::optional<TableRules::Dropped> decided_;
  bool drops_some_ = false;
  bool keeps_some_ = false;
  bool changes_system_schema_ = false;
  std::string_view reason_;  // why it is undecidable
};

}  // namespace sluice::filters
