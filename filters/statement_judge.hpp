// Judges one reading of a statement: what judge_statement() is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "filters/statement.hpp"
#include "filters/statement_reader.hpp"
#include "filters/table_references.hpp"

namespace sluice::filters {

class StatementJudge {
 public:
  /// The reason why a text that is no statement is undecidable.
  static constexpr std::string_view not_understood = "the statement is not understood";

  StatementJudge(std::string_view text, bool truncated, const LexRules& lexis,
                 std::string_view default_schema, const TableRules& rules)
      : reader_(text, truncated, lexis),
        rules_(rules),
        default_schema_(default_schema),
        names_are_utf8_(lexis.charset.is_utf8()) {}

  [[nodiscard]] StatementJudgement judge();
  [[nodiscard]] bool saw_executable_comment() const { return reader_.saw_executable_comment(); }

 private:
  static constexpr std::string_view mixed = "it changes both what is dropped and what is kept";

  enum class Read : std::uint8_t { done, failed };

  [[nodiscard]] Read skip_prefixes();
  [[nodiscard]] Read skip_with();
  [[nodiscard]] Read skip_modifiers();
  [[nodiscard]] StatementJudgement apply(StatementKind kind);
  [[nodiscard]] Read read_targets(StatementKind kind);
  [[nodiscard]] StatementJudgement verdict(StatementKind kind) const;
  [[nodiscard]] StatementJudgement failure(StatementKind kind) const;

  // statement_targets.cpp has these.
  [[nodiscard]] static bool is_table_keyword(const Token& token);
  [[nodiscard]] Read insert();
  [[nodiscard]] Read load();
  [[nodiscard]] Read update();
  [[nodiscard]] Read assignments(const TableReferences& references);
  [[nodiscard]] Read delete_rows();
  [[nodiscard]] Read alter_table();
  [[nodiscard]] Read table_behind_on();
  [[nodiscard]] Read table();
  [[nodiscard]] Read table_list();
  [[nodiscard]] Read rename_list();
  [[nodiscard]] Read maintenance_list();
  [[nodiscard]] Read program();
  [[nodiscard]] Read schema(bool optional);
  [[nodiscard]] StatementJudgement flush();
  [[nodiscard]] StatementJudgement create_function();
  [[nodiscard]] StatementJudgement drop_function();

  void count(const TableName& name);
  void count_program(const TableName& name);
  void count(TableRules::Dropped rule) {
    if (rule && dropped_ == 0) rule_ = rule;
    ++(rule ? dropped_ : kept_);
  }
  [[nodiscard]] std::optional<std::string_view> known_name(const Token& token, NameBuffer& buffer);

  StatementReader reader_;
  const TableRules& rules_;
  std::string_view default_schema_;
  bool names_are_utf8_;
  std::size_t dropped_ = 0;
  std::size_t kept_ = 0;
  TableRules::Dropped rule_;  // of the first that is dropped
  std::string_view reason_;   // why it is undecidable
};

}  // namespace sluice::filters
