#include "filters/statement.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "filters/statement_judge.hpp"
#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/query_event.hpp"

namespace sluice::filters {
namespace {

constexpr std::uint64_t no_backslash_escapes_mode = 1U << 20;
constexpr std::uint64_t mssql_mode = 1U << 10;  // MariaDB: sql/sql_class.h, MODE_MSSQL

constexpr std::string_view ambiguous =
    "its executable comments mean something else to other server versions";
constexpr std::string_view too_much =
    "it is too long to be read as each of the versions would that its executable comments name";
constexpr std::string_view in_file_names =
    "its client's character set is that of file names, where names hide behind their numbers";

/// Of a text with executable comments in all of its readings: about a second's time. Nobody writes
/// as much beside such comments.
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

/// The versions of executable comments, also of those that another reading hides in strings: at
/// each of them there are servers that read the statement otherwise. So they do where numbers may
/// have six digits, and at the one that is never reached, as all is read below it.
class CommentVersions {
 public:
  explicit CommentVersions(std::string_view text) {
    note(newest);
    note(first_of_six_digits);
    constexpr std::size_t head = 4;  // "/*!8", "/*M!"
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
  if (!first.saw_executable_comment() || judgement.verdict == StatementVerdict::need_more ||
      judgement.verdict == StatementVerdict::undecidable) {
    return judgement;
  }
  // What the master ran is wiped: no replica reads it.
  const bool is_masters = lexis.comments == CommentReading::by_version;
  if (judgement.verdict == StatementVerdict::drop && is_masters) return judgement;

  std::size_t read = first.bytes_read();
  // What the reading by these rules has against the first one.
  const auto objection = [&]() -> std::optional<StatementJudgement> {
    const auto undecidable = StatementVerdict::undecidable;
    if (read > max_read) return StatementJudgement{undecidable, judgement.kind, too_much};
    StatementJudge another(text, truncated, lexis, context, rules);
    const StatementJudgement other = another.judge();
    read += another.bytes_read();
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
