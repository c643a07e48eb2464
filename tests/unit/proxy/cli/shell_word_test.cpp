#include "proxy/cli/shell_word.hpp"

#include <doctest/doctest.h>

using sluice::proxy::shell_word;

TEST_CASE("a word for a shell is in quotes where it must be") {
  CHECK(shell_word("/etc/sluice/sluice.toml") == "/etc/sluice/sluice.toml");
  CHECK(shell_word("my file") == "'my file'");
  CHECK(shell_word("$HOME/`id`") == "'$HOME/`id`'");
  CHECK(shell_word("it's") == R"('it'\''s')");
  CHECK(shell_word("") == "''");
}
