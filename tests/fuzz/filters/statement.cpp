// The SQL classifier. Input: the session's context, where to cut the text, the text.
#include "filters/sql/statement_judge.hpp"
#include "filters/sql/statement_transaction.hpp"
#include "fuzz/fuzz.hpp"

using namespace sluice;
using filters::StatementContext;
using filters::StatementVerdict;
using fuzz::expect;

namespace {

StatementContext context_from(fuzz::Choices& choices) {
  static constexpr std::uint32_t versions[] = {0, 50624, 50736, 80036, 90704, 101119, 110806};
  static constexpr std::uint16_t charsets[] = {0,  8,  33, 45, 63,  1,  13, 28,
                                               24, 35, 54, 60, 255, 26, 10, 17};
  static constexpr std::string_view schemas[] = {"app", "mysql", "", "MySQL"};
  const std::uint8_t bits = choices.byte();
  StatementContext context;
  context.mariadb = (bits & 1) != 0;
  if ((bits & 2) != 0) context.sql_mode |= 0x4;       // ANSI_QUOTES
  if ((bits & 4) != 0) context.sql_mode |= 1U << 20;  // NO_BACKSLASH_ESCAPES
  context.default_schema = schemas[(bits >> 3) & 3];
  context.master_version = versions[choices.byte() % std::size(versions)];
  context.client_charset = charsets[choices.byte() % std::size(charsets)];
  return context;
}

const filters::TableRules& rules() {
  static const filters::TableRules system_and_one(filters::SystemSchema::drop,
                                                  {*filters::TablePattern::parse("app.x%")}, {});
  return system_and_one;
}

void expect_sound(const filters::StatementJudgement& judgement) {
  expect((judgement.verdict == StatementVerdict::undecidable) == !judgement.reason.empty(),
         "what cannot be decided has a reason, and only that");
  expect(!filters::to_string(judgement.kind).empty(), "a kind has a name");
}

bool is_unclosed(std::string_view text, const filters::LexRules& lexis) {
  filters::SqlLexer lexer(text, false, lexis);
  auto kind = filters::TokenKind::word;
  while (kind != filters::TokenKind::end && kind != filters::TokenKind::invalid) {
    kind = lexer.next().kind;
  }
  return lexer.is_unclosed();
}

/// Sluice asks only those sessions that may read it otherwise. Here all are asked.
void expect_agreement(std::string_view text, const StatementContext& context,
                      const filters::StatementJudgement& judgement) {
  static const filters::TableRules system_schema_only;
  static constexpr std::uint16_t charsets[] = {45, 8, 36, 1, 13, 28, 248};
  StatementContext other = context;
  other.has_run = true;
  for (unsigned number = 0; number < 64; ++number) {
    other.sql_mode = context.sql_mode ^ ((number & 1) != 0 ? filters::ansi_quotes_mode : 0) ^
                     ((number & 2) != 0 ? filters::no_backslash_escapes_mode : 0) ^
                     ((number & 4) != 0 ? filters::mssql_mode : 0);
    const bool of_charset = number >= 8;
    other.client_charset = of_charset ? charsets[(number >> 3) - 1] : context.client_charset;
    if (of_charset && (judgement.rule == filters::DropRule::ignore ||
                       judgement.rule == filters::DropRule::only)) {
      continue;  // by a name that cannot be told there
    }
    const filters::LexRules lexis = filters::lex_rules(other);
    filters::StatementJudge judge(text, false, lexis, other,
                                  of_charset ? system_schema_only : rules());
    const auto others = judge.judge();
    const bool agrees = others.kind == judgement.kind && others.verdict == judgement.verdict;
    expect(agrees || number == 0 || others.reason == filters::StatementJudge::not_understood ||
               is_unclosed(text, lexis),
           "no session reads another statement in it");
  }
}

}  // namespace

FUZZ_TARGET(statement) {
  fuzz::Choices choices(input);
  const StatementContext context = context_from(choices);
  const auto cut = static_cast<std::size_t>(choices.number(2));
  const Buffer text = fuzz::exact(choices.rest());
  (void)filters::transaction_control(as_text(text));

  const auto whole = judge_statement(as_text(text), false, context, rules());
  expect_sound(whole);
  expect(whole.verdict != StatementVerdict::need_more, "there is no more than the whole");
  if (whole.verdict != StatementVerdict::undecidable) {
    expect_agreement(as_text(text), context, whole);
  }

  const Buffer head = fuzz::exact(Bytes(text).first(text.empty() ? 0 : cut % text.size()));
  const auto judgement = judge_statement(as_text(head), true, context, rules());
  expect_sound(judgement);
  // A text that no server takes is in no binlog: that it is broken may show behind the head only.
  if (judgement.verdict == StatementVerdict::need_more ||
      whole.verdict == StatementVerdict::undecidable) {
    return;
  }
  expect(judgement.verdict == whole.verdict, "the head is never judged otherwise than the whole");
}
