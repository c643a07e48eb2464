// The sessions by whose settings a master may have read a statement, beside those in its event.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "filters/sql/sql_lexer.hpp"
#include "filters/sql/statement.hpp"

namespace sluice::filters {

/// What in one reading of a text is there that other sessions would read otherwise.
struct Doubts {
  bool ansi_quotes = false;           ///< "x" outside of other quotes
  bool no_backslash_escapes = false;  ///< a backslash before a quote, or another one
  bool brackets = false;              ///< [, which opens a name where sql_mode is MSSQL
  bool charset = false;               ///< letters that may belong together in another way
};

/// Of the first `size` bytes of the text. `truncated`, `rules`: as for SqlLexer.
[[nodiscard]] Doubts doubts_of(std::string_view text, std::size_t size, bool truncated,
                               const LexRules& rules);

/// An event has the settings of the time when it was logged; PREPARE, a procedure that sets them,
/// SET STATEMENT and the hint SET_VAR have a statement read by others. Only sessions in which it
/// may be another statement are asked, found one by the other.
class OtherSessions {
 public:
  /// `doubts`: those of the reading by the event's own settings.
  OtherSessions(const StatementContext& context, const Doubts& doubts) : context_(context) {
    found(0, doubts);
  }

  struct Session {
    StatementContext context;
    bool of_charset = false;  ///< another character set than the event's
    std::uint8_t number = 0;
  };
  /// nullopt: all have been asked.
  [[nodiscard]] std::optional<Session> next() const;
  /// That one has been asked, and has left these.
  void found(std::uint8_t number, const Doubts& doubts);

 private:
  StatementContext context_;
  // By number: three bits for what differs in sql_mode, three for the character set.
  std::uint64_t found_ = 0;
  std::uint64_t asked_ = 0;
};

}  // namespace sluice::filters
