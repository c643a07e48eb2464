#include "protocol/wire/question.hpp"

#include <charconv>
#include <optional>

#include "protocol/ascii.hpp"
#include "protocol/wire/question_lexer.hpp"
#include "protocol/wire/question_names.hpp"

namespace sluice::wire {

namespace {

using Kind = Token::Kind;

constexpr std::string_view not_understood = "the statement is not one that replicas send";
constexpr std::string_view unknown_name = "the variable is not one that replicas use";
constexpr std::string_view unexpected_value = "the value is not one that replicas set";

/// The grammar, keywords in any case:
///
///     question  := (select | show | set | kill) ';'?
///     select    := SELECT item (',' item)*
///     item      := UNIX_TIMESTAMP '(' ')' | VERSION '(' ')' | @@[GLOBAL.|SESSION.]name | @name
///                | BINLOG_GTID_POS '(' string ',' number ')'
///     show      := SHOW [GLOBAL|SESSION] VARIABLES (LIKE string | WHERE VARIABLE_NAME names)
///                | SHOW MASTER STATUS | SHOW (BINARY LOG | BINLOG) STATUS
///                | SHOW (BINARY | MASTER) LOGS
///     names     := '=' string | IN '(' string (',' string)* ')'
///     set       := SET NAMES charset [COLLATE collation] | SET assignment (',' assignment)*
///     assignment := (@name | [SESSION] name | @@[SESSION.]name) ('=' | ':=') value
///     kill      := KILL [HARD | SOFT] [CONNECTION] number
///
/// Each function returns whether its part was there; where not, reason_ is set.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Question parse();

 private:
  bool select();
  bool item();
  bool show();
  bool variables();
  bool variable_name_column();
  bool variable_names();
  bool set();
  bool set_names();
  bool assignment();
  bool value(SettingRule rule);
  bool kill();

  bool readable(std::string_view name);
  bool accept_function(std::string_view name);
  bool refuse(std::string_view reason) {
    reason_ = reason;
    return false;
  }
  [[nodiscard]] bool at(Kind kind) const { return lexer_.token().kind == kind; }
  std::string_view take() {
    const auto text = lexer_.token().text;
    lexer_.advance();
    return text;
  }
  bool accept(Kind kind) {
    if (!at(kind)) return false;
    lexer_.advance();
    return true;
  }

  QuestionLexer lexer_;
  std::string_view reason_ = not_understood;
  std::vector<Assignment> assignments_;
  std::optional<std::uint64_t> killed_;
};

Question Parser::parse() {
  bool understood = false;
  if (lexer_.accept_word("SELECT")) {
    understood = select();
  } else if (lexer_.accept_word("SHOW")) {
    understood = show();
  } else if (lexer_.accept_word("SET")) {
    understood = set();
  } else if (lexer_.accept_word("KILL")) {
    understood = kill();
  }
  if (!understood) return RefusedQuestion{reason_};
  lexer_.accept_symbol(";");
  if (!at(Kind::end)) return RefusedQuestion{not_understood};
  if (killed_) return KillQuestion{*killed_};
  return ForwardQuestion{std::move(assignments_)};
}

bool Parser::select() {
  do {
    if (!item()) return false;
  } while (lexer_.accept_symbol(","));
  return true;
}

bool Parser::item() {
  if (at(Kind::system_variable)) {
    const auto scope = lexer_.token().scope;
    if (!scope.empty() && !equal_ignoring_case(scope, "global") &&
        !equal_ignoring_case(scope, "session"))
      return false;
    return readable(take());
  }
  if (at(Kind::user_variable)) {
    return is_readable_user_variable(take()) || refuse(unknown_name);
  }
  // SELECT 1: MySQL's monitor of sources that are preferred (sql/rpl_io_monitor.cc).
  if (accept(Kind::number)) return true;
  if (accept_function("BINLOG_GTID_POS")) {
    return accept(Kind::string) && lexer_.accept_symbol(",") && accept(Kind::number) &&
           lexer_.accept_symbol(")");
  }
  return (accept_function("UNIX_TIMESTAMP") || accept_function("VERSION")) &&
         lexer_.accept_symbol(")");
}

bool Parser::show() {
  if (lexer_.accept_word("MASTER")) {
    return lexer_.accept_word("STATUS") || lexer_.accept_word("LOGS");
  }
  if (lexer_.accept_word("BINLOG")) return lexer_.accept_word("STATUS");
  if (lexer_.accept_word("BINARY")) {
    if (lexer_.accept_word("LOGS")) return true;
    return lexer_.accept_word("LOG") && lexer_.accept_word("STATUS");
  }
  if (!lexer_.accept_word("GLOBAL")) lexer_.accept_word("SESSION");
  return lexer_.accept_word("VARIABLES") && variables();
}

bool Parser::variables() {
  if (lexer_.accept_word("LIKE")) return at(Kind::string) && readable(take());
  if (!lexer_.accept_word("WHERE") || !variable_name_column()) return false;
  if (lexer_.accept_symbol("=")) return at(Kind::string) && readable(take());
  return lexer_.accept_word("IN") && variable_names();
}

bool Parser::variable_name_column() {
  if (!at(Kind::word) && !at(Kind::quoted_name)) return false;
  return equal_ignoring_case(take(), "VARIABLE_NAME");
}

bool Parser::variable_names() {
  if (!lexer_.accept_symbol("(")) return false;
  do {
    if (!at(Kind::string) || !readable(take())) return false;
  } while (lexer_.accept_symbol(","));
  return lexer_.accept_symbol(")");
}

bool Parser::set() {
  if (lexer_.accept_word("NAMES")) return set_names();
  do {
    if (!assignment()) return false;
  } while (lexer_.accept_symbol(","));
  return true;
}

bool Parser::set_names() {
  if (!at(Kind::word) && !at(Kind::string)) return false;
  if (!value({Setting::names, ValueForm::charset})) return false;
  if (!lexer_.accept_word("COLLATE")) return true;
  if (!at(Kind::word) && !at(Kind::string)) return false;
  return has_form(take(), ValueForm::charset) || refuse(unexpected_value);
}

bool Parser::assignment() {
  std::optional<SettingRule> rule;
  if (at(Kind::user_variable)) {
    rule = find_user_variable(take());
  } else if (at(Kind::system_variable)) {
    const auto scope = lexer_.token().scope;
    if (scope.empty() || equal_ignoring_case(scope, "session"))
      rule = find_session_variable(lexer_.token().text);
    lexer_.advance();
  } else {
    lexer_.accept_word("SESSION");
    if (at(Kind::word)) rule = find_session_variable(take());
  }
  if (!rule) return refuse(unknown_name);
  return (lexer_.accept_symbol("=") || lexer_.accept_symbol(":=")) && value(*rule);
}

bool Parser::value(SettingRule rule) {
  const Token token = lexer_.token();
  lexer_.advance();
  if (token.kind == Kind::system_variable && rule.form == ValueForm::checksum &&
      equal_ignoring_case(token.scope, "global") &&
      equal_ignoring_case(token.text, "binlog_checksum")) {
    assignments_.push_back({rule.setting, "@@global.binlog_checksum"});
    return true;
  }
  const bool literal = rule.form == ValueForm::number
                           ? token.kind == Kind::number
                           : token.kind == Kind::string || rule.form == ValueForm::charset;
  if (!literal || !has_form(token.text, rule.form)) return refuse(unexpected_value);
  assignments_.push_back({rule.setting, std::string(token.text)});
  return true;
}

bool Parser::kill() {
  if (!lexer_.accept_word("HARD")) lexer_.accept_word("SOFT");
  lexer_.accept_word("CONNECTION");
  if (!at(Kind::number)) return false;
  const auto digits = take();
  std::uint64_t thread_id = 0;
  const auto* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, thread_id).ec != std::errc{}) return false;
  killed_ = thread_id;
  return true;
}

bool Parser::readable(std::string_view name) {
  return is_readable_system_variable(name) || refuse(unknown_name);
}

/// The name of a function and its opening bracket.
bool Parser::accept_function(std::string_view name) {
  return lexer_.accept_word(name) && lexer_.accept_symbol("(");
}

}  // namespace

std::string_view setting_name(Setting setting) {
  switch (setting) {
    case Setting::heartbeat_period:
      return "heartbeat_period";
    case Setting::binlog_checksum:
      return "binlog_checksum";
    case Setting::replica_uuid:
      return "replica_uuid";
    case Setting::semi_sync_replica:
      return "semi_sync_replica";
    case Setting::mariadb_capability:
      return "mariadb_capability";
    case Setting::connect_state:
      return "connect_state";
    case Setting::gtid_strict_mode:
      return "gtid_strict_mode";
    case Setting::gtid_ignore_duplicates:
      return "gtid_ignore_duplicates";
    case Setting::until_gtid:
      return "until_gtid";
    case Setting::until_before_gtids:
      return "until_before_gtids";
    case Setting::ignored_domains:
      return "ignored_domains";
    case Setting::wanted_domains:
      return "wanted_domains";
    case Setting::skip_replication:
      return "skip_replication";
    case Setting::net_write_timeout:
      return "net_write_timeout";
    case Setting::net_read_timeout:
      return "net_read_timeout";
    case Setting::autocommit:
      return "autocommit";
    case Setting::names:
      return "names";
  }
  return "";
}

Question parse_question(std::string_view text) {
  return Parser(text).parse();
}

}  // namespace sluice::wire
