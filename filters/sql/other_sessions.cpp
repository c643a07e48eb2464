#include "filters/sql/other_sessions.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "protocol/ascii.hpp"

namespace sluice::filters {
namespace {

constexpr unsigned mode_bits = 3;
constexpr std::array<std::uint64_t, mode_bits> modes{ansi_quotes_mode, no_backslash_escapes_mode,
                                                     mssql_mode};
// Each set that hides other bytes of ASCII, or has another blank: utf8mb4, latin1, cp866, big5,
// sjis, gbk, gb18030. Before them stands the event's own.
constexpr std::array<std::uint16_t, 7> charsets{45, 8, 36, 1, 13, 28, 248};
static_assert((charsets.size() + 1) << mode_bits == 64);

bool has_high(std::string_view text) {
  return std::ranges::any_of(text, is_high);
}
bool has(std::string_view text, char c) {
  return text.find(c) != std::string_view::npos;
}

/// What is not read in tokens.
void note_all(std::string_view text, Doubts& doubts) {
  doubts.ansi_quotes |= has(text, '"');
  doubts.no_backslash_escapes |= has(text, '\\');
  doubts.brackets |= has(text, '[');
  doubts.charset |= has_high(text);
}

// No character set takes a quote for a part of a longer character, so that only a backslash behind
// a letter may be one in this string or not; and only a quote, a backslash or the first byte of a
// letter behind a backslash makes a difference to where the string ends.
void note_string(std::string_view text, Doubts& doubts) {
  const char quote = text.front();
  doubts.ansi_quotes |= quote == '"';
  for (auto at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 1)) {
    doubts.charset |= is_high(text[at - 1]);
    const char after = text[at + 1];  // there is one: the quote that closes
    doubts.no_backslash_escapes |= after == quote || after == '\\' || is_high(after);
  }
}

void note(const Token& token, Doubts& doubts) {
  if (token.kind == TokenKind::string) {
    note_string(token.text, doubts);
  } else {
    note_all(token.text, doubts);
  }
}

bool is_any(const Doubts& doubts) {
  return doubts.ansi_quotes || doubts.no_backslash_escapes || doubts.brackets || doubts.charset;
}

/// Whether sessions may differ in what they take for the next token.
bool may_hide_next(std::string_view text) {
  auto at = text.find_first_not_of(" \t\n\v\f\r");
  if (at == std::string_view::npos) return false;
  constexpr std::string_view doubtful = "\"`@\\[/#-";  // a comment may hide it, too
  if (has(doubtful, text[at])) return true;
  while (at < text.size() && (is_alphanumeric(text[at]) || has("_$", text[at]))) ++at;
  return at < text.size() && is_high(text[at]);
}

}  // namespace

Doubts doubts_of(std::string_view text, std::size_t size, bool truncated, const LexRules& rules) {
  size = std::min(size, text.size());
  Doubts all;
  note_all(text.substr(0, size), all);
  if (!is_any(all) && !may_hide_next(text.substr(size))) return all;

  Doubts doubts;
  SqlLexer lexer(text, truncated, rules);
  std::size_t end = 0;  // of the token before
  bool stopped = false;
  while (lexer.bytes_read() < size) {
    const Token token = lexer.next();
    stopped = token.text.empty();
    if (stopped) break;
    const auto begin = static_cast<std::size_t>(token.text.data() - text.data());
    // Blanks and comments.
    doubts.charset |= has_high(text.substr(end, begin - end));
    end = begin + token.text.size();
    note(token, doubts);
  }
  if (stopped) {
    note_all(text.substr(end, size - end), doubts);
  } else {
    // The next one may have been peeked at, and what touches it belongs to it in other sets. Of a
    // string it matters that it is one.
    const Token next = lexer.next();
    const std::size_t ends =
        next.kind == TokenKind::string ? lexer.bytes_read() - next.text.size() : lexer.bytes_read();
    note_all(text.substr(end, ends - end + 1), doubts);
  }
  doubts.brackets &= rules.mariadb;
  return doubts;
}

// Where nothing is in doubt the others read the same tokens, so that they need not be asked.
void OtherSessions::found(std::uint8_t number, const Doubts& doubts) {
  const auto bit = [](unsigned session) { return std::uint64_t{1} << session; };
  asked_ |= bit(number);
  const std::array<bool, mode_bits> doubtful{doubts.ansi_quotes, doubts.no_backslash_escapes,
                                             doubts.brackets};
  for (unsigned i = 0; i < mode_bits; ++i) {
    (doubtful[i] ? found_ : asked_) |= bit(number ^ (1U << i));
  }
  const unsigned modes_alone = number & ((1U << mode_bits) - 1);
  for (unsigned set = 0; set <= charsets.size(); ++set) {
    (doubts.charset ? found_ : asked_) |= bit(modes_alone | set << mode_bits);
  }
}

std::optional<OtherSessions::Session> OtherSessions::next() const {
  const std::uint64_t left = found_ & ~asked_;
  if (left == 0) return std::nullopt;
  const auto number = static_cast<unsigned>(std::countr_zero(left));
  Session session{context_, number >> mode_bits != 0, static_cast<std::uint8_t>(number)};
  session.context.has_run = true;
  for (unsigned i = 0; i < mode_bits; ++i) {
    if ((number >> i & 1U) != 0) session.context.sql_mode ^= modes[i];
  }
  if (session.of_charset) session.context.client_charset = charsets[(number >> mode_bits) - 1];
  return session;
}

}  // namespace sluice::filters
