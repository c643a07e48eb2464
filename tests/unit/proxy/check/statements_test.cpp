#include "proxy/check/statements.hpp"

#include <doctest/doctest.h>

using namespace sluice::proxy::check;

TEST_CASE("an account is quoted in its two parts, a role in its one") {
  CHECK(quoted_account("relay@%") == "'relay'@'%'");
  CHECK(quoted_account("me@home@10.0.0.5") == "'me@home'@'10.0.0.5'");
  CHECK(quoted_account("o'neill@host") == "'o''neill'@'host'");
  CHECK(quoted_account("a_role") == "'a_role'");
}
