// A statement that was read under another sql_mode or character set than its event has: by PREPARE,
// in a procedure that sets them, with SET STATEMENT or the hint SET_VAR.
#include <doctest/doctest.h>

#include <string>

#include "filters/sql/statement.hpp"

namespace sluice::filters {
namespace {

using Verdict = StatementVerdict;

constexpr std::uint64_t no_escapes = 1 << 20;
constexpr std::uint16_t latin1 = 8;
constexpr std::uint16_t gbk = 28;
constexpr std::uint16_t utf8mb4 = 45;

struct Session {
  std::uint64_t sql_mode = 0;
  std::uint16_t charset = utf8mb4;
  bool mariadb = false;
  std::string_view schema = "app";
  std::uint32_t version = 0;  // 0: a new one
  bool truncated = false;
};

Verdict judge(std::string_view text, Session session = {}, const TableRules& rules = {}) {
  const StatementContext context{.default_schema = session.schema,
                                 .sql_mode = session.sql_mode,
                                 .client_charset = session.charset,
                                 .mariadb = session.mariadb,
                                 .master_version = session.version != 0 ? session.version
                                                   : session.mariadb    ? 110803U
                                                                        : 90704U};
  return judge_statement(text, session.truncated, context, rules).verdict;
}

TableRules with_pattern() {
  return {SystemSchema::drop, {*TablePattern::parse("tmp.%")}, {}};
}

TEST_CASE("a text that another sql_mode reads otherwise fails closed") {
  for (const char* text :
       {"UPDATE a JOIN b ON '1\\' <> ' JOIN mysql.z ON '1' SET z.v = 5 -- ' SET a.v = 1",
        "UPDATE a JOIN b ON \"1' <> \" JOIN mysql.z ON '1' SET z.v = 5 -- \" SET a.v = 1",
        "ALTER TABLE c COMMENT '1\\', RENAME TO mysql.c -- '",
        "UPDATE a JOIN b ON b.a = \"\\\" /* 99999 (*/ JOIN mysql.z # \"\n SET z.v = 5",
        "UPDATE /*+ SET_VAR(sql_mode='NO_BACKSLASH_ESCAPES') */ a JOIN b ON '1\\' <> ' JOIN "
        "mysql.z ON '1' SET z.v = 5 -- ' SET a.v = 1"}) {
    CAPTURE(std::string(text));
    for (const std::uint64_t mode : {std::uint64_t{0}, no_escapes, ansi_quotes_mode}) {
      CHECK(judge(text, {.sql_mode = mode}) != Verdict::keep);
    }
  }
  const auto statement =
      "SET STATEMENT sql_mode='NO_BACKSLASH_ESCAPES', max_statement_time="
      "LENGTH('\\' ) FOR DO 1 # ') FOR CREATE USER u IDENTIFIED BY 'x'";
  CHECK(judge(statement, {.mariadb = true}) == Verdict::undecidable);
  const auto brackets = "UPDATE a JOIN b ON c < ['] JOIN mysql.z ON d < ['] SET z.v = 5";
  CHECK(judge(brackets, {.mariadb = true}) != Verdict::keep);
}

TEST_CASE("a call in double quotes is one where they are a name's") {
  // As servers log it under ANSI_QUOTES. Under another mode it is no statement.
  CHECK(judge("SELECT \"mysql\".\"f\"(1)", {.sql_mode = ansi_quotes_mode}) == Verdict::drop);
  CHECK(judge("SELECT \"app\".\"f\"(1)", {.sql_mode = ansi_quotes_mode}) == Verdict::keep);
  CHECK(judge("SELECT \"mysql\".\"f\"(1)") == Verdict::undecidable);
}

TEST_CASE("a text that another character set reads otherwise fails closed") {
  // A gbk client's character that ends in a backtick.
  const auto hidden = "UPDATE a `\xD6\xD0\xB0` JOIN mysql.z ON 1 SET z.v = 5 -- ` SET v = 1";
  // Nor is it dropped: the master may have changed `a` alone.
  CHECK(judge(hidden, {.charset = utf8mb4}) == Verdict::undecidable);
  CHECK(judge(hidden, {.charset = gbk}) == Verdict::undecidable);
  CHECK(judge("DROP TABLE IF EXISTS `\xD6\xD0\xB0`,`, mysql.user #x`", {.charset = utf8mb4}) ==
        Verdict::undecidable);
  CHECK(judge("DELETE FROM mysql.z WHERE v = '\xD6\xD0\xB0'") == Verdict::drop);
  CHECK(judge("GRANT ALL ON `\xD6\xD0\xB0`.* TO a") == Verdict::drop);
  CHECK(judge(hidden, {.charset = gbk}, with_pattern()) != Verdict::keep);
  CHECK(judge(hidden, {.charset = utf8mb4}, with_pattern()) != Verdict::keep);
  // A blank of latin1.
  const auto blank = "UPDATE a\xA0JOIN mysql.z ON 1 SET z.v = 5";
  CHECK(judge(blank, {.charset = utf8mb4}) != Verdict::keep);
  CHECK(judge(blank, {.charset = latin1}) != Verdict::keep);
  // And a quote that is closed where a backslash escapes nothing, behind all that was read first.
  const auto both = "UPDATE a \xA0JOIN mysql.z ON 1 app.t*/ SET v=1'\\'";
  CHECK(judge(both, {.charset = 1, .mariadb = true}) != Verdict::keep);
}

TEST_CASE("what applications write passes under whatever their session has") {
  for (const char* text :
       {"ALTER TABLE t COMMENT 'it\\'s \"new\"', ADD COLUMN c INT COMMENT 'C:\\\\'",
        "ALTER TABLE t COMMENT \"it's\", ADD COLUMN c INT COMMENT \"a \\\" b\"",
        "ALTER TABLE t COMMENT 'a\\'b\\'c' -- \"",
        "ALTER TABLE t ALTER COLUMN c SET DEFAULT '\\\\', ADD d JSON CHECK (d->'$[0]' > 1)",
        "UPDATE t JOIN u ON t.c LIKE '\\%' AND u.c = \"x\" SET v = 1",
        "UPDATE `\xE8\xA1\xA8` SET `\xE5\x88\x97` = '\xE5\x80\xBC'",
        "UPDATE `\xE8\xA1\xA8` `\xE5\x88\x97` JOIN `b` ON true SET v = 1",
        "DELETE `\xE8\xA1\xA8` FROM `\xE8\xA1\xA8` JOIN `\xE5\x88\x97` ON 1 = 1",
        "ALTER TABLE `\xE8\xA1\xA8` ADD `\xE5\x88\x97` INT COMMENT '\xE8\xA1\xA8\\'s'",
        "ALTER TABLE t COMMENT '\xE8\xA1\xA8'", "INSERT INTO `\xE8\xA1\xA8` VALUES ('\\')"}) {
    CAPTURE(std::string(text));
    CHECK(judge(text) == Verdict::keep);
    CHECK(judge(text, {.mariadb = true}) == Verdict::keep);
    CHECK(judge(text, {}, with_pattern()) == Verdict::keep);
  }
  const auto quoted = "UPDATE \"a\" JOIN \"b\" ON \"a\".\"i\" = 'x\\' SET \"v\" = 1";
  CHECK(judge(quoted, {.sql_mode = ansi_quotes_mode | no_escapes}) == Verdict::keep);
  const auto of_gbk = "UPDATE `\xD6\xD0` JOIN `\xB0\x60` ON 1 SET v = 1";
  CHECK(judge(of_gbk, {.charset = gbk}) == Verdict::keep);
}

TEST_CASE("a long text is read as often only as it may be read otherwise") {
  const auto text = [](const std::string& row) {
    std::string rows;
    while (rows.size() < 8 << 20) rows += row;
    return "UPDATE a JOIN JSON_TABLE('[" + rows + "{}]', '$[*]' COLUMNS(id INT PATH '$.id')) v " +
           "ON a.id = v.id SET a.note = 'x'";
  };
  for (const char* row : {"{\"id\":7,\"note\":\"Gr\xC3\xB6\xC3\x9F"
                          "e \\\"alt\\\", Stra\xC3\x9F"
                          "e\\\\n\"},",
                          "{\"id\":7,\"note\":[7]},", "{\"id\":7,\"note\":\"\xE8\xA1\xA8\"},"}) {
    CAPTURE(std::string(row));
    CHECK(judge(text(row)) == Verdict::keep);
    CHECK(judge(text(row), {.mariadb = true}) == Verdict::keep);
  }
  // By gbk a backslash is a part of the letter before it: all sets are asked, and that is too much.
  CHECK(judge(text("{\"id\":\"\xE8\xA1\xA8\\\"\"},")) == Verdict::undecidable);
}

TEST_CASE("a session is asked for what another one did not get to see") {
  // To big5 the first name is doubtful, to sjis it is none of what it seems to utf8.
  const auto word =
      "UPDATE app.1abcde\xB0`a`, app.b `\x8F`, app.c `, mysql.user SET mysql.user.x=1 #` "
      "SET `\x8F`.z=1";
  CHECK(judge(word, {.charset = latin1}) != Verdict::keep);
  CHECK(judge(word, {.charset = utf8mb4}) != Verdict::keep);
  // What ends the list in latin1 is a column in utf8.
  const auto column =
      "UPDATE app.a JOIN (SELECT 1) d JOIN mysql.user u SET a.x='\xE9', a.y=WHERE\xA0, u.z=1";
  CHECK(judge(column, {.charset = latin1}) != Verdict::keep);
  const auto call = "SELECT `mysql`\xA0.f(1)";
  CHECK(judge(call, {.charset = utf8mb4}) != Verdict::keep);
  // The backslash belongs to the letter in gbk, and the string ends.
  const auto string =
      "UPDATE a JOIN b ON '\xA8\\' <> ' JOIN mysql.z ON '1' SET z.v = 5 -- ' SET a.v = 1";
  CHECK(judge(string, {.charset = gbk}) != Verdict::keep);
  CHECK(judge(string, {.charset = utf8mb4}) != Verdict::keep);
}

TEST_CASE("a quoted name in other letters passes, whatever they do to its quote elsewhere") {
  // In sjis, gbk and big5 the last byte of each of these takes the backtick behind it.
  const std::string letters(280, 'x');
  const std::string value = "('" + letters + "')";
  for (const std::string& text :
       {std::string("CREATE TABLE `\xE5\xBA\x93`.`t` (a INT PRIMARY KEY)"),
        std::string("CREATE TABLE `z\xC5\x82`.`\xE8\xA1\xA8` (a INT PRIMARY KEY)"),
        std::string("DROP TABLE IF EXISTS `\xE5\xBA\x93`.`\xE8\xA1\xA8`"),
        std::string("INSERT INTO `ma\xC3\x9F`.`t` VALUES (1)"),
        std::string("CREATE PROCEDURE `\xE5\xBA\x93`.`p`() SELECT 1"),
        std::string("CREATE FUNCTION `\xE5\xBA\x93`.`f`() RETURNS INT RETURN 1"),
        std::string("DROP FUNCTION `\xE5\xBA\x93`.`f`"),
        "CREATE TABLE s.`\xE8\xA1\xA8` (a INT, b VARCHAR(400) DEFAULT " + value +
            ", KEY `k` (b(10)))",
        "INSERT INTO s.`\xE8\xA1\xA8` VALUES " + value + ", ('`code`')",
        "DELETE FROM s.`\xE8\xA1\xA8` WHERE b IN " + value + " AND `\xE5\x88\x97` = 1"}) {
    CAPTURE(text);
    for (const std::string_view schema : {"", "app", "\xE5\xBA\x93"}) {
      CAPTURE(schema);
      CHECK(judge(text, {.schema = schema}) == Verdict::keep);
      CHECK(judge(text, {.mariadb = true, .schema = schema}) == Verdict::keep);
    }
  }
  const auto in_mysql = "CREATE TABLE `\xE5\xBA\x93`.`t` (a INT PRIMARY KEY)";
  CHECK(judge(in_mysql, {.schema = "mysql"}) == Verdict::keep);
}

TEST_CASE("a name that is open at the end is one to an old MariaDB") {
  // By latin1 it joins mysql.z, and its last name is not closed.
  const auto text = "UPDATE app.a AS `x\xB0` JOIN mysql.z SET z.v=5 WHERE z.id=` SET v = 1";
  CHECK(judge(text, {.charset = gbk, .mariadb = true, .version = 100400}) != Verdict::keep);
  CHECK(judge(text, {.charset = gbk, .mariadb = true}) == Verdict::keep);
  CHECK(judge(text, {.charset = gbk}) == Verdict::keep);
  for (const char* open : {"INSERT INTO mysql.`z", "TRUNCATE `mysql`.`z``", "DROP TABLE mysql.`"}) {
    CAPTURE(std::string(open));
    CHECK(judge(open, {.mariadb = true, .version = 100400}) == Verdict::drop);
    CHECK(judge(open, {.mariadb = true}) == Verdict::undecidable);
    CHECK(judge(open) == Verdict::undecidable);
  }
  CHECK(judge("INSERT INTO app.`z", {.mariadb = true, .version = 100400}) == Verdict::keep);
}

TEST_CASE("how a long text ends may decide on another reading") {
  const std::string head = "INSERT INTO `\xE5\xBA\x93`.`t` VALUES ('" + std::string(1000, 'x');
  CHECK(judge(head, {.schema = "mysql", .truncated = true}) == Verdict::need_more);
  CHECK(judge(head + "')", {.schema = "mysql"}) == Verdict::keep);
}

TEST_CASE("without a default schema a name alone is still a loadable function, or one of a WITH") {
  CHECK(judge("DROP FUNCTION my_udf /* {\"app\":\"x\"} */", {.schema = ""}) == Verdict::drop);
  CHECK(judge("DROP FUNCTION `a\xD6`.`-- `", {.schema = ""}) != Verdict::keep);
  const TableRules only(SystemSchema::drop, {}, {*TablePattern::parse("app.%")});
  const auto joined =
      "WITH c AS (SELECT \"x\" AS k) UPDATE app.t JOIN c ON t.k=c.k SET t.v = \"y\"";
  CHECK(judge(joined, {.schema = ""}, only) == Verdict::keep);
}

TEST_CASE("what a server would refuse by one set is still looked for the system schema") {
  // By gbk it joins a table without a schema, or of an endless name, with one of mysql.
  const std::string letters(300, 'x');
  for (const std::string& name : {std::string("a"), "`" + letters + "`"}) {
    const std::string text =
        "UPDATE " + name + " `\xD6\xD0\xB0` JOIN mysql.z ON 1 SET z.v = 5 -- ` SET v = 1";
    CAPTURE(text);
    CHECK(judge(text, {.charset = utf8mb4, .schema = ""}) != Verdict::keep);
  }
}

TEST_CASE("names in other letters pass with patterns, also where the system schema is kept") {
  const TableRules keep(SystemSchema::keep, {*TablePattern::parse("tmp.%")}, {});
  for (const char* text : {"CREATE TABLE `\xC3\xA9t\xC3\xA9` (a INT PRIMARY KEY)",
                           "INSERT INTO app.\xC3\xA9t\xC3\xA9 VALUES (1)"}) {
    CAPTURE(std::string(text));
    CHECK(judge(text, {}, keep) == Verdict::keep);
    CHECK(judge(text, {.mariadb = true}, keep) == Verdict::keep);
    CHECK(judge(text, {}, with_pattern()) == Verdict::keep);
  }
  const TableRules hidden(SystemSchema::keep, {*TablePattern::parse("mysql.user")}, {});
  const auto by_latin1 =
      "UPDATE app.a `\xD6\xD0\xB0` JOIN mysql.user ON 1 SET user.x = 5 -- ` SET v = 1";
  CHECK(judge(by_latin1, {.charset = gbk}, hidden) != Verdict::keep);
}

}  // namespace
}  // namespace sluice::filters
