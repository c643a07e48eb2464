#include "protocol/wire/statement_shape.hpp"

#include <doctest/doctest.h>

using sluice::wire::statement_shape;

TEST_CASE("statement shape: words stay, values do not") {
  struct Case {
    std::string_view text;
    std::string_view shape;
  };
  for (const auto& [text, shape] : {
           Case{"", ""},
           Case{"SELECT @@foo, 17", "SELECT @@foo, ?"},
           Case{"SELECT *\n\t FROM `a b`.t2 WHERE x='s' AND y=\"s\" LIMIT 5",
                "SELECT * FROM `a b`.t2 WHERE x=? AND y=? LIMIT ?"},
           Case{"SET PASSWORD = 'it''s', 0x5345", "SET PASSWORD = ??, ?"},
           Case{R"(SET PASSWORD = 'a\' SECRET)", "SET PASSWORD = ..."},
           Case{"SET PASSWORD = 'SECRET", "SET PASSWORD = ..."},
           Case{R"(DO \SECRET)", "DO ..."},
           Case{"DO /* SECRET */ 1", "DO ..."},
           Case{"DO 1 -- SECRET", "DO ? ..."},
           Case{"DO 1 # SECRET", "DO ? ..."},
           Case{"DO \xC3\xA9 SECRET", "DO ..."},
           Case{"DO a5e3 1e5 .5", "DO a5e3 ? .?"},
       }) {
    CAPTURE(text);
    CHECK(statement_shape(text) == shape);
  }
  CHECK(statement_shape(std::string(200, ',')) == std::string(200, ','));
  CHECK(statement_shape(std::string(201, ',')) == std::string(200, ',') + "...");
  CHECK(statement_shape("DO " + std::string(300, 'x')) == "DO ...");
}
