#include "filters/sql/statement.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "filters/sql/other_sessions.hpp"
#include "filters/sql/statement_judge.hpp"
#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/query_event.hpp"

namespace sluice::filters {
namespace {

constexpr std::string_view ambiguous =
    "its executable comments mean something else to other server versions";
constexpr std::string_view too_much =
    "it is too long to be read in each of the ways in which servers may read it";
constexpr std::string_view other_session =
    "it means something else under another sql_mode or character set, by which the master may have "
    "read it";
constexpr std::string_view in_file_names =
    "its client's character set is that of file names, where names hide behind their numbers";

/// Of a text in all of its readings: about a second's time. Nobody writes as much beside executable
/// comments, or before what a statement changes.
constexpr std::size_t max_read = std::size_t{32} << 20;

/// SET NAMES filename, which MySQL 5.6 still takes: m@0079sql is mysql there.
constexpr std::uint16_t filename_charset = 17;

/// Whether a replica that reads the statement otherwise than the master does no harm. To one that
/// passes it must be the same kind of statement: what is not understood here, or is kept since
/// masters do not log it, may do anything there.
bool is_harmless(const StatementJudgement& other, const StatementJudgement& masters) {
  if (other.kind == StatementKind::empty) return true;
  if (masters.verdict == StatementVerdict::keep) {
    return other.verdict == StatementVerdict::keep && other.kind == masters.kind;
  }
  return other.verdict == masters.verdict || other.reason == StatementJudge::not_understood;
}

/// The versions at which servers begin to read a statement otherwise: those of its executable
/// comments, also of what another reading has for a string, and the first whose servers read
/// numbers of six digits, or reversed comments. And the newest that there can be, which reads all
/// of them.
class CommentVersions {
 public:
  explicit CommentVersions(std::string_view text) {
    note(newest);
    note(first_of_six_digits);
    constexpr std::size_t head = 4;  // "/*!8", "/*!!", "/*M!"
    for (auto at = text.find("/*"); at != std::string_view::npos && at + head <= text.size();
         at = text.find("/*", at + 1)) {
      add(text.substr(at + 2));
    }
  }
  [[nodiscard]] bool are_too_many() const { return too_many_; }
  [[nodiscard]] std::span<const std::uint32_t> all() const { return {versions_.data(), size_}; }

 private:
  static constexpr std::uint32_t newest = 999999;

  void add(std::string_view text) {
    if (text.starts_with("M!")) {
      text.remove_prefix(2);
    } else if (text.starts_with('!')) {
      text.remove_prefix(1);
    } else {
      return;
    }
    if (text.starts_with('!')) {
      note(first_with_reversed);
      text.remove_prefix(1);
    }
    // MySQL may take five of six digits, so that both numbers count.
    std::uint32_t version = 0;
    for (std::size_t i = 0; i < 6 && i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
      version = version * 10 + static_cast<std::uint32_t>(text[i] - '0');
      if (i >= 4) note(version);
    }
  }
  void note(std::uint32_t version) {
    if (std::ranges::find(all(), version) != all().end()) return;
    too_many_ = too_many_ || size_ == versions_.size();
    if (!too_many_) versions_[size_++] = version;
  }

  std::array<std::uint32_t, 32> versions_{};
  std::size_t size_ = 0;
  bool too_many_ = false;
};

/// Whether the text ends within quotes, as it does where a name's last letter takes the quote
/// behind it for a part of itself: to no server is it a statement then.
bool is_unclosed(std::string_view text, const LexRules& lexis) {
  SqlLexer lexer(text, false, lexis);
  TokenKind kind{};
  do {
    kind = lexer.next().kind;
  } while (kind != TokenKind::end && kind != TokenKind::invalid);
  return lexer.is_unclosed();
}

/// What the reading by another session's settings has against the first one. What is not understood
/// then is no statement, so that the master has not read it so.
std::optional<StatementJudgement> objection_of_other_sessions(const StatementJudge& first,
                                                              const StatementJudgement& judgement,
                                                              const StatementContext& context,
                                                              const TableRules& rules) {
  // A name in another character set cannot be compared with patterns, but with the system schema.
  static const TableRules system_schema_only;
  const bool only_system = rules.system_schema() == SystemSchema::drop;
  // By pattern it may be another table there, whose name cannot be told.
  const bool by_pattern = judgement.verdict == StatementVerdict::drop &&
                          (judgement.rule == DropRule::ignore || judgement.rule == DropRule::only);
  OtherSessions sessions(context, first.doubts());
  std::size_t read = 0;
  while (const auto session = sessions.next()) {
    if (read > max_read) {
      return StatementJudgement{StatementVerdict::undecidable, judgement.kind, too_much};
    }
    const LexRules lexis = lex_rules(session->context);
    StatementJudge another(first.text(), first.is_truncated(), lexis, session->context,
                           session->of_charset && only_system ? system_schema_only : rules);
    const StatementJudgement other = another.judge();
    read += 2 * another.text_read().size();  // judged, and looked through for doubts
    if (other.verdict == StatementVerdict::need_more) return other;
    const bool agrees = other.kind == judgement.kind && other.verdict == judgement.verdict;
    if (agrees || (session->of_charset && by_pattern) ||
        other.reason == StatementJudge::not_understood) {
      sessions.found(session->number, another.doubts());
      continue;
    }
    if (first.is_truncated()) {  // how it ends decides
      return StatementJudgement{StatementVerdict::need_more, judgement.kind, {}};
    }
    read += 2 * first.text().size();
    if (!is_unclosed(first.text(), lexis)) {
      return StatementJudgement{StatementVerdict::undecidable, judgement.kind, other_session};
    }
    // Then also what is behind that which was judged.
    const std::size_t all = first.text().size();
    sessions.found(session->number, doubts_of(first.text(), all, false, lexis));
  }
  return std::nullopt;
}

}  // namespace

std::optional<StatementContext> context_of(const binlog::QueryEvent& query,
                                           const binlog::FormatDescription& format) {
  const auto variables = binlog::parse_status_variables(query.status_variables);
  if (!variables) return std::nullopt;
  return StatementContext{query.schema,          variables->sql_mode, variables->client_charset,
                          format.mariadb,        format.version,      variables->updated_tables,
                          query.behind_file_name};
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
  rules.brackets = context.mariadb && (context.sql_mode & mssql_mode) != 0 &&
                   rules.charset.is_ascii('[');  // else a letter
  return rules;
}

StatementJudgement judge_statement(std::string_view text, bool truncated,
                                   const StatementContext& context, const TableRules& rules) {
  if (context.client_charset == filename_charset) {
    return {StatementVerdict::undecidable, StatementKind::unknown, in_file_names};
  }
  LexRules lexis = lex_rules(context);
  StatementJudge first(text, truncated, lexis, context, rules);
  const StatementJudgement judgement = first.judge();
  if (judgement.verdict == StatementVerdict::need_more ||
      judgement.verdict == StatementVerdict::undecidable) {
    return judgement;
  }
  if (const auto objection = objection_of_other_sessions(first, judgement, context, rules)) {
    return *objection;
  }
  if (!first.saw_executable_comment()) return judgement;
  // What the master ran is wiped: no replica reads it.
  const bool is_masters = lexis.comments == CommentReading::by_version;
  if (judgement.verdict == StatementVerdict::drop && is_masters) return judgement;

  std::size_t read = first.text_read().size();
  // What the reading by these rules has against the first one.
  const auto objection = [&]() -> std::optional<StatementJudgement> {
    const auto undecidable = StatementVerdict::undecidable;
    if (read > max_read) return StatementJudgement{undecidable, judgement.kind, too_much};
    StatementJudge another(text, truncated, lexis, context, rules);
    const StatementJudgement other = another.judge();
    read += another.text_read().size();
    if (other.verdict == StatementVerdict::need_more) return other;
    if (is_harmless(other, judgement)) return std::nullopt;
    return StatementJudgement{undecidable, judgement.kind, ambiguous};
  };
  for (const auto reading : {CommentReading::as_code, CommentReading::as_comment}) {
    lexis.comments = reading;
    if (const auto found = objection()) return *found;
  }
  const CommentVersions versions(text);
  if (versions.are_too_many()) {
    return {StatementVerdict::undecidable, judgement.kind, ambiguous};
  }
  lexis.comments = CommentReading::by_version;
  // MariaDB follows a MySQL master, too, and reads other comments than it: not the other way round.
  for (const bool mariadb : {context.mariadb, true}) {
    lexis.mariadb = mariadb;
    for (const std::uint32_t version : versions.all()) {
      if (version == 0) continue;
      lexis.master_version = version - 1;  // a server that is just too old
      if (const auto found = objection()) return *found;
    }
    if (context.mariadb) break;
  }
  return judgement;
}

}  // namespace sluice::filters
