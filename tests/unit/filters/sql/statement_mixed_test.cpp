// Statements over tables of which some are dropped and some are kept: what real servers do with
// them under their own rules. The tests against servers ask them again (tests/live/test_mixed.py).
#include <doctest/doctest.h>

#include "filters/sql/statement.hpp"

namespace sluice::filters {
namespace {

using Verdict = StatementVerdict;

StatementJudgement judge(std::string_view text, const TableRules& rules,
                         std::uint64_t updated = 0) {
  StatementContext context;
  context.default_schema = "app";
  context.master_version = 80036;
  context.updated_tables = updated;
  return judge_statement(text, false, context, rules);
}

TableRules rules(std::initializer_list<const char*> ignore, std::initializer_list<const char*> only,
                 SystemSchema system_schema = SystemSchema::drop) {
  std::vector<TablePattern> ignored;
  std::vector<TablePattern> wanted;
  for (const char* text : ignore) ignored.push_back(*TablePattern::parse(text));
  for (const char* text : only) wanted.push_back(*TablePattern::parse(text));
  return {system_schema, std::move(ignored), std::move(wanted)};
}

struct Row {
  const char* text;
  Verdict verdict;
  bool mixed;
  std::uint64_t updated = 0;
};

void check(std::initializer_list<Row> rows, const TableRules& rules) {
  for (const Row& row : rows) {
    CAPTURE(std::string(row.text));
    const auto judgement = judge(row.text, rules, row.updated);
    CHECK(judgement.verdict == row.verdict);
    if (judgement.verdict != Verdict::undecidable) CHECK(judgement.mixed == row.mixed);
  }
}

TEST_CASE("one table of the system schema drops the whole list") {
  check(
      {
          {"DROP TABLE a, mysql.b", Verdict::drop, true},
          {"DROP TABLE mysql.b, a", Verdict::drop, true},
          {"DROP TABLE IF EXISTS mysql.b, app.a", Verdict::drop, true},
          {"DROP VIEW app.w, mysql.w", Verdict::drop, true},
          {"DROP TABLE mysql.b, mysql.c", Verdict::drop, false},
          {"DROP TABLE a, app2.b", Verdict::keep, false},
          {"DROP SEQUENCE s, mysql.s", Verdict::drop, true},
          {"RENAME TABLE a TO mysql.b", Verdict::drop, true},
          {"RENAME TABLE mysql.b TO a", Verdict::drop, true},
          {"RENAME TABLE a TO b, mysql.c TO mysql.d", Verdict::drop, true},
          {"ALTER TABLE a EXCHANGE PARTITION p WITH TABLE mysql.b", Verdict::drop, true},
          {"ALTER TABLE mysql.a EXCHANGE PARTITION p WITH TABLE b", Verdict::drop, true},
          {"ANALYZE TABLE a, mysql.b", Verdict::drop, true},
          {"OPTIMIZE TABLE mysql.b, a", Verdict::drop, true},
          {"FLUSH TABLES a, mysql.b", Verdict::drop, true},
          // What only reads from it is kept.
          {"INSERT INTO a SELECT * FROM mysql.b", Verdict::keep, false},
          {"CREATE TABLE a LIKE mysql.b", Verdict::keep, false},
          {"CREATE TABLE mysql.b LIKE a", Verdict::drop, false},
          {"CREATE VIEW w AS SELECT * FROM mysql.b", Verdict::keep, false},
      },
      TableRules());
}

TEST_CASE("what the servers do not ask their rules about") {
  check(
      {
          // The new name: the servers would move the table into the system schema.
          {"ALTER TABLE a RENAME TO mysql.b", Verdict::undecidable, false},
          {"ALTER TABLE a RENAME mysql.b", Verdict::undecidable, false},
          {"ALTER TABLE a CONVERT PARTITION p TO TABLE mysql.b", Verdict::undecidable, false},
          {"ALTER TABLE a CONVERT TABLE mysql.b TO PARTITION p", Verdict::undecidable, false},
          {"ALTER TABLE mysql.b CONVERT TABLE a TO PARTITION p", Verdict::drop, true},
          {"ALTER TABLE mysql.b RENAME TO a", Verdict::drop, true},
          {"ALTER TABLE mysql.b CONVERT PARTITION p TO TABLE a", Verdict::drop, true},
          {"ALTER TABLE mysql.b RENAME TO mysql.c", Verdict::drop, false},
          {"ALTER TABLE a RENAME COLUMN b TO c, RENAME TO d", Verdict::keep, false},
          // Temporary tables, so that none is left over.
          {"DROP TEMPORARY TABLE IF EXISTS a, mysql.b", Verdict::keep, true},
          {"DROP TEMPORARY TABLE IF EXISTS mysql.b", Verdict::drop, false},
          {"DROP TEMPORARY TABLE a, mysql.b", Verdict::drop, true},
          {"DROP TEMPORARY SEQUENCE IF EXISTS mysql.b, a", Verdict::keep, true},
      },
      TableRules());
  // With patterns a new name is as good as any.
  const auto ignoring = rules({"tmp.%"}, {});
  check({{"ALTER TABLE a RENAME TO tmp.b", Verdict::keep, true},
         {"ALTER TABLE tmp.b RENAME TO a", Verdict::drop, true},
         {"RENAME TABLE a TO tmp.b", Verdict::drop, true}},
        ignoring);
}

TEST_CASE("a multi-table UPDATE is judged by the tables it changes") {
  check(
      {
          {"UPDATE a, mysql.b SET a.v = 5, b.v = 6", Verdict::drop, true},
          {"UPDATE mysql.b, a SET a.v = 5", Verdict::keep, false},
          {"UPDATE a, mysql.b SET mysql.b.v = 5", Verdict::drop, false},
          {"UPDATE a, app2.b SET v = 5", Verdict::keep, false},
          {"UPDATE mysql.a, mysql.b SET v = 5", Verdict::drop, false},
          // Which table the column is of is told by the master's map alone.
          {"UPDATE a, mysql.b SET v = 5", Verdict::undecidable, false},
          {"UPDATE a, mysql.b SET v = 5", Verdict::keep, false, 0b01},
          {"UPDATE mysql.b, a SET v = 5", Verdict::drop, false, 0b01},
          // If a is a view of two tables the second bit is of one of those.
          {"UPDATE a, mysql.b SET v = 5", Verdict::undecidable, false, 0b10},
          // Or of a view in the system schema.
          {"UPDATE mysql.b, a, mysql.c SET v = 5", Verdict::undecidable, false, 0b10},
          {"UPDATE mysql.b, a, mysql.c SET a.v = 5", Verdict::keep, false, 0b10},
          {"UPDATE mysql.b, mysql.c, a SET v = 5", Verdict::drop, false, 0b10},
          {"UPDATE mysql.b, mysql.c, a SET v = 5", Verdict::undecidable, false, 0b100},
          {"UPDATE mysql.b, a, mysql.c SET v = 5", Verdict::undecidable, false, 0b100},
          {"UPDATE v JOIN mysql.b JOIN c SET w = 5", Verdict::undecidable, false, 0b100},
          {"UPDATE mysql.b, a SET v = 5, w = 6", Verdict::drop, true, 0b11},
          {"UPDATE mysql.b AS x JOIN a AS y SET v = 5", Verdict::undecidable, false, 0b10},
          {"UPDATE mysql.b AS x JOIN a AS y SET y.v = 5", Verdict::keep, false, 0b10},
          // Nor does the map tell it where a query of a WITH may be in the text: its tables count.
          {"WITH c AS (SELECT 1) UPDATE c JOIN mysql.b JOIN app.y SET v = 5", Verdict::undecidable,
           false, 0b100},
          {"WITH c AS (SELECT 1) UPDATE c JOIN mysql.b JOIN app.y SET b.v = 5", Verdict::drop,
           false, 0b100},
          {"WITH c AS (SELECT 1) UPDATE c JOIN mysql.b JOIN app.y SET y.v = 5", Verdict::keep,
           false, 0b1},
          {"WITH c AS (SELECT 1) UPDATE mysql.b JOIN app.a SET v = 5", Verdict::drop, false, 0b1},
          // A map and a text that contradict each other are not to be trusted.
          {"UPDATE a, mysql.b SET mysql.b.v = 5", Verdict::undecidable, false, 0b01},
          // Of a view two tables count.
          {"UPDATE v JOIN mysql.b SET c = 1", Verdict::undecidable, false, 0b100},
          {"UPDATE v JOIN b SET c = 1", Verdict::keep, false, 0b100},
          // A column's table may be any of that name.
          {"UPDATE app.a JOIN mysql.a SET a.v = 5", Verdict::undecidable, false},
          {"UPDATE mysql.a JOIN app.a SET a.v = 5", Verdict::drop, false, 0b01},
          {"UPDATE a JOIN mysql.b SET app.a.v = 5", Verdict::keep, false},
          // Derived tables have places of their own in the map.
          {"UPDATE a JOIN (SELECT 1) AS d JOIN mysql.b SET v = 5", Verdict::undecidable, false, 1},
          {"UPDATE a JOIN (SELECT 1) AS d JOIN mysql.b SET a.v = 5", Verdict::keep, false, 1},
      },
      TableRules());
}

TEST_CASE("MySQL 8.0 and later count the tables of a RIGHT JOIN in another order") {
  check(
      {
          {"UPDATE a RIGHT JOIN mysql.b ON i = k SET v = 5", Verdict::undecidable, false, 0b10},
          {"UPDATE a RIGHT JOIN mysql.b ON i = k SET v = 5", Verdict::undecidable, false, 0b01},
          {"UPDATE a NATURAL RIGHT OUTER JOIN mysql.b SET v = 5", Verdict::undecidable, false, 0b1},
          {"UPDATE a RIGHT JOIN mysql.b ON i = k SET a.v = 5", Verdict::keep, false, 0b10},
          {"UPDATE a RIGHT JOIN mysql.b ON i = k SET b.v = 5", Verdict::drop, false, 0b01},
          {"UPDATE a RIGHT JOIN c ON i = k SET v = 5", Verdict::keep, false, 0b01},
          {"UPDATE a JOIN mysql.b ON RIGHT(i, 1) = k SET v = 5", Verdict::keep, false, 0b01},
          {"DELETE a FROM a RIGHT JOIN mysql.b ON i = k", Verdict::keep, false},
          {"DELETE a, mysql.b FROM a RIGHT JOIN mysql.b ON i = k", Verdict::drop, true},
      },
      TableRules());
  const auto two = rules({"tmp.%"}, {"app.%"});
  check({{"DELETE a, tmp.c FROM app.a RIGHT JOIN tmp.c ON i = k", Verdict::undecidable, false},
         {"DELETE a, tmp.c FROM app.a LEFT JOIN tmp.c ON i = k", Verdict::keep, true}},
        two);
  StatementContext older{.default_schema = "app", .master_version = 50744, .updated_tables = 0b01};
  constexpr auto text = "UPDATE a RIGHT JOIN mysql.b ON i = k SET v = 5";
  CHECK(judge_statement(text, false, older, TableRules()).verdict == Verdict::keep);
  older.master_version = 110803;
  older.mariadb = true;
  CHECK(judge_statement(text, false, older, TableRules()).verdict == Verdict::keep);
}

TEST_CASE("a word that touches a number is one of its own") {
  for (const char* number : {"1.5", "1.", ".5", "1e1", "1E+1", "1.5e-1", "1.e1", "1 OR \\N"}) {
    for (const char* blank : {"", " "}) {
      const auto joined =
          std::string(" FROM app.a JOIN app.b ON ") + number + blank + "JOIN mysql.b z ON i = k";
      CAPTURE(joined);
      const auto verdict = [](std::string_view text) {
        return judge(text, TableRules(), 0).verdict;
      };
      CHECK(verdict("DELETE z" + joined) == Verdict::drop);
      CHECK(verdict("DELETE a" + joined) == Verdict::keep);
      CHECK(verdict("UPDATE" + joined.substr(5) + " SET v = 5") == Verdict::undecidable);
      CHECK(verdict("UPDATE" + joined.substr(5) + " SET z.v = 5") == Verdict::drop);
    }
  }
  check({{"RENAME TABLE c WAIT 1. TO mysql.c", Verdict::drop, true}}, TableRules());
}

TEST_CASE("words that one family only has reserved") {
  check(
      {
          {"UPDATE lateral JOIN mysql.b SET b.v = 5", Verdict::drop, false},
          {"UPDATE a, lateral JOIN mysql.b SET b.v = 5", Verdict::drop, false},
          {"UPDATE a, LATERAL (SELECT 1) d JOIN mysql.b SET b.v = 5", Verdict::drop, false},
          {"DELETE mysql.b FROM a returning JOIN mysql.b", Verdict::drop, false},
          {"UPDATE a returning JOIN mysql.b SET returning.v = 5", Verdict::keep, false},
          {"UPDATE a JOIN (SELECT 1 AS returning) d JOIN mysql.b SET a.v = returning, b.v = 1",
           Verdict::drop, true},
          {"DELETE mysql.b FROM app.a JOIN c", Verdict::undecidable, false},
      },
      TableRules());
  const StatementContext mariadb{
      .default_schema = "app", .mariadb = true, .master_version = 110803};
  CHECK(judge_statement("DELETE FROM a RETURNING b", false, mariadb, TableRules()).verdict ==
        Verdict::keep);
}

TEST_CASE("the columns of MATCH need no parentheses, and are no tables") {
  check(
      {
          {"UPDATE a JOIN b ON MATCH a.x, a.y AGAINST ('w') JOIN mysql.z SET v = 5",
           Verdict::undecidable, false, 0b100},
          {"UPDATE a JOIN b ON MATCH a.x, a.y AGAINST ('w') JOIN mysql.z SET b.v = 5",
           Verdict::keep, false, 0b10},
          {"UPDATE a JOIN mysql.z SET a.v = 1 + MATCH z.x, z.y AGAINST ('w'), a.u = 2",
           Verdict::keep, false, 0b1},
          {"UPDATE a JOIN mysql.z SET a.v = MATCH (z.x, z.y) AGAINST ('w')", Verdict::keep, false,
           0b1},
          {"DELETE a FROM a JOIN mysql.z ON MATCH z.x, z.y AGAINST ('w')", Verdict::keep, false},
          {"UPDATE a JOIN b ON MATCH against, y AGAINST ('w') JOIN mysql.z SET v = 5",
           Verdict::undecidable, false, 0b100},
      },
      TableRules());
}

TEST_CASE("a call of a function goes the way of the function") {
  check(
      {
          {"SELECT `mysql`.`f`('x')", Verdict::drop, false},
          {"SELECT `app`.`f`('x')", Verdict::keep, false},
          {"SELECT f(1)", Verdict::keep, false},
          {"SELECT mysql.t.c FROM mysql.t", Verdict::keep, false},
          {"SELECT 1", Verdict::keep, false},
          {"SELECT .5", Verdict::keep, false},
          {"SELECT (1)", Verdict::keep, false},
          {"TABLE mysql.t", Verdict::keep, false},
      },
      TableRules());
  check({{"SELECT `tmp`.`f`(1)", Verdict::drop, false},
         {"SELECT `other`.`f`(1)", Verdict::drop, false},
         {"SELECT `app`.`f`(1)", Verdict::keep, false}},
        rules({"tmp.%"}, {"app.%"}));
}

TEST_CASE("a multi-table DELETE is judged by the tables it deletes from") {
  check(
      {
          {"DELETE a, mysql.b FROM a JOIN mysql.b", Verdict::drop, true},
          {"DELETE mysql.b, a FROM a JOIN mysql.b", Verdict::drop, true},
          {"DELETE a FROM a JOIN mysql.b", Verdict::keep, false},
          {"DELETE mysql.b FROM a JOIN mysql.b", Verdict::drop, false},
          {"DELETE FROM a USING mysql.b JOIN a", Verdict::keep, false},
          {"DELETE x.* FROM a JOIN mysql.b AS x", Verdict::drop, false},
          {"DELETE c FROM a JOIN mysql.b", Verdict::undecidable, false},
          // Tables of one name.
          {"DELETE a FROM mysql.a JOIN app.a", Verdict::keep, false},
          {"DELETE mysql.a FROM a JOIN mysql.a", Verdict::drop, false},
          {"DELETE app.a FROM a JOIN mysql.b", Verdict::keep, false},
          {"DELETE a FROM mysql.a JOIN app.b", Verdict::undecidable, false},
          // Whichever it is, all are of one sort.
          {"DELETE a FROM mysql.a JOIN mysql.b", Verdict::drop, false},
          {"DELETE a FROM a JOIN app.a", Verdict::keep, false},
          {"DELETE c FROM a JOIN app.b", Verdict::keep, false},
          {"DELETE c FROM (SELECT 1) AS d", Verdict::undecidable, false},
          // FULL is no reserved word.
          {"DELETE full FROM a full JOIN mysql.b s ON full.a = s.a", Verdict::keep, false},
          {"DELETE full FROM mysql.a full JOIN b s ON full.a = s.a", Verdict::drop, false},
          {"DELETE a FROM mysql.b FULL OUTER JOIN a", Verdict::keep, false},
          // An alias has no schema.
          {"DELETE a FROM mysql.b AS a JOIN c", Verdict::drop, false},
          {"DELETE app.a FROM mysql.b AS a JOIN app.a AS x", Verdict::undecidable, false},
          // No options.
          {"DELETE history FROM mysql.x JOIN history", Verdict::keep, false},
          {"DELETE history, trends FROM history JOIN trends", Verdict::keep, false},
          {"DELETE FROM history", Verdict::keep, false},
      },
      TableRules());
}

TEST_CASE("the alias of a table of system versioning stands behind the time") {
  for (const char* time :
       {"ALL AS", "ALL", "AS OF NOW(6) - INTERVAL -1 DAY AS", "AS OF TIMESTAMP '2000-01-01'",
        "AS OF TRANSACTION 1.5 * (2)", "BETWEEN app.f(1) AND @a AS", "FROM '2000' TO @@b + 1",
        "as of -`x`.`y` DIV 2"}) {
    const auto text = [&](std::string_view target) {
      return "DELETE " + std::string(target) + " FROM sv JOIN sv FOR SYSTEM_TIME " + time +
             " s ON sv.a = s.a JOIN mysql.x";
    };
    CAPTURE(text("sv"));
    CHECK(judge(text("sv"), TableRules()).verdict == Verdict::keep);
    CHECK(judge(text("mysql.x"), TableRules()).verdict == Verdict::drop);
    CHECK(judge(text("z"), TableRules()).verdict == Verdict::undecidable);
  }
  check(
      {
          {"DELETE sv FROM sv JOIN sv FOR SYSTEM_TIME ALL AS s ON sv.a = s.a WHERE s.b = 7",
           Verdict::keep, false},
          {"DELETE x FROM mysql.sv x JOIN sv FOR SYSTEM_TIME AS OF NOW() s", Verdict::drop, false},
          {"DELETE x FROM sv x JOIN mysql.y FOR SYSTEM_TIME AS OF CASE 1 END AS z",
           Verdict::undecidable, false},
          {"DELETE x FROM sv x JOIN mysql.y FOR SYSTEM_TIME ANYWHEN AS z", Verdict::undecidable,
           false},
      },
      TableRules());
}

TEST_CASE("a table of a multi-table DELETE without a schema is one of the default schema") {
  StatementContext context;
  context.default_schema = "mysql";
  context.master_version = 80036;
  const auto verdict = [&](std::string_view text) {
    return judge_statement(text, false, context, TableRules()).verdict;
  };
  CHECK(verdict("DELETE t FROM app.t JOIN mysql.t") == Verdict::drop);
  CHECK(verdict("DELETE t FROM app.t JOIN t") == Verdict::drop);
  CHECK(verdict("DELETE app.t FROM app.t JOIN t") == Verdict::keep);
  CHECK(verdict("DELETE history FROM app.a JOIN history") == Verdict::drop);
  context.mariadb = true;
  CHECK(verdict("DELETE HISTORY FROM app.t BEFORE SYSTEM_TIME NOW()") == Verdict::keep);
  CHECK(verdict("DELETE HISTORY FROM t") == Verdict::drop);
  // Behind an option it is a table's.
  for (const std::string option : {"QUICK", "IGNORE", "LOW_PRIORITY"}) {
    CHECK(verdict("DELETE " + option + " history FROM app.a JOIN mysql.zz AS history") ==
          Verdict::drop);
    CHECK(verdict("DELETE " + option + " history FROM mysql.zz JOIN app.a AS history") ==
          Verdict::keep);
  }
  CHECK(verdict("DELETE history.* FROM app.a JOIN history") == Verdict::drop);
}

TEST_CASE("an event is judged by the schema it is in, and does not move to one of the other sort") {
  check(
      {
          {"ALTER EVENT e RENAME TO f", Verdict::keep, false},
          {"ALTER EVENT e ON SCHEDULE EVERY 1 DAY RENAME TO app2.f DO SELECT 1", Verdict::keep,
           false},
          {"ALTER EVENT mysql.e RENAME TO mysql.f", Verdict::drop, false},
          {"ALTER EVENT e RENAME TO mysql.e", Verdict::undecidable, false},
          {"ALTER EVENT mysql.e RENAME TO app.e", Verdict::undecidable, false},
          {"ALTER EVENT e DO ALTER TABLE a RENAME TO mysql.b", Verdict::keep, false},
          {"ALTER EVENT mysql.e DISABLE", Verdict::drop, false},
      },
      TableRules());
}

TEST_CASE("a program may be called BODY") {
  check(
      {
          {"DROP PROCEDURE body", Verdict::keep, false},
          {"DROP EVENT IF EXISTS body", Verdict::keep, false},
          {"ALTER PROCEDURE body COMMENT 'x'", Verdict::keep, false},
          {"CREATE EVENT body.e ON SCHEDULE EVERY 1 DAY DO SELECT 1", Verdict::keep, false},
          {"DROP TRIGGER mysql.body", Verdict::drop, false},
          {"CREATE PACKAGE BODY mysql.p AS END", Verdict::drop, false},
          {"DROP PACKAGE BODY p", Verdict::keep, false},
      },
      TableRules());
}

TEST_CASE("with `only` the first table that is named decides") {
  check(
      {
          {"DROP TABLE app.a, app.b", Verdict::keep, false},
          {"DROP TABLE app.a, other.b", Verdict::keep, true},
          {"DROP TABLE other.b, app.a", Verdict::keep, true},
          {"DROP TABLE other.b, tmp.c", Verdict::drop, false},
          {"DROP TABLE tmp.c, app.a", Verdict::drop, true},
          {"DROP TABLE app.a, tmp.c", Verdict::keep, true},
          {"DROP TABLE mysql.b, app.a", Verdict::drop, true},
          // The servers apply these, and with them what they do to the system schema.
          {"DROP TABLE app.a, mysql.b", Verdict::undecidable, false},
          {"RENAME TABLE app.a TO mysql.b", Verdict::undecidable, false},
          {"UPDATE app.a, mysql.b SET a.v = 1, b.v = 1", Verdict::undecidable, false},
          {"DELETE mysql.b, app.a FROM app.a JOIN mysql.b", Verdict::undecidable, false},
          // Nothing is lost with these.
          {"OPTIMIZE TABLE app.a, mysql.b", Verdict::drop, true},
          {"FLUSH TABLES", Verdict::keep, false},
      },
      rules({"tmp.%"}, {"app.%"}));
}

}  // namespace
}  // namespace sluice::filters
