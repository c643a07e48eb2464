#include "filters/statement.hpp"

#include "filters/statement_judge.hpp"
#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/query_event.hpp"

namespace sluice::filters {
namespace {

constexpr std::uint64_t no_backslash_escapes_mode = 1U << 20;

/// Nothing, or what no server would take: a reading that cannot do harm.
bool says_nothing(const StatementJudgement& judgement) {
  return judgement.kind == StatementKind::empty ||
         judgement.reason == StatementJudge::not_understood;
}

}  // namespace

std::optional<StatementContext> context_of(const binlog::QueryEvent& query,
                                           const binlog::FormatDescription& format) {
  const auto variables = binlog::parse_status_variables(query.status_variables);
  if (!variables) return std::nullopt;
  return StatementContext{query.schema,   variables->sql_mode, variables->client_charset,
                          format.mariadb, format.version,      variables->updated_tables};
}

LexRules lex_rules(const StatementContext& context) {
  LexRules rules;
  rules.ansi_quotes = (context.sql_mode & ansi_quotes_mode) != 0;
  rules.no_backslash_escapes = (context.sql_mode & no_backslash_escapes_mode) != 0;
  rules.mariadb = context.mariadb;
  rules.master_version = context.master_version;
  rules.comments =
      context.master_version == 0 ? CommentReading::as_code : CommentReading::by_version;
  rules.charset = SqlCharset(context.client_charset);
  return rules;
}

StatementJudgement judge_statement(std::string_view text, bool truncated,
                                   const StatementContext& context, const TableRules& rules) {
  LexRules lexis = lex_rules(context);
  StatementJudge first(text, truncated, lexis, context, rules);
  const StatementJudgement judgement = first.judge();
  if (!first.saw_executable_comment() || judgement.verdict == StatementVerdict::need_more) {
    return judgement;
  }

  for (const auto reading : {CommentReading::as_code, CommentReading::as_comment}) {
    lexis.comments = reading;
    const auto other = StatementJudge(text, truncated, lexis, context, rules).judge();
    if (other.verdict == StatementVerdict::need_more) return other;
    if (says_nothing(other) || other.verdict == judgement.verdict) continue;
    return {StatementVerdict::undecidable, judgement.kind,
            "its executable comments mean something else to other server versions"};
  }
  return judgement;
}

}  // namespace sluice::filters
