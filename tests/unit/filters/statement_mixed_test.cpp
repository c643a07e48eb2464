// Statements over tables of which some are dropped and some are kept: what real servers do with
// them under their own rules. The tests against servers ask them again (tests/live/test_mixed.py).
#include <doctest/doctest.h>

#include "filters/statement.hpp"

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
          {"UPDATE a, mysql.b SET v = 5", Verdict::drop, false, 0b10},
          {"UPDATE mysql.b, a SET v = 5, w = 6", Verdict::drop, true, 0b11},
          {"UPDATE mysql.b AS x JOIN a AS y SET v = 5", Verdict::keep, false, 0b10},
          // A map and a text that contradict each other are not to be trusted.
          {"UPDATE a, mysql.b SET mysql.b.v = 5", Verdict::undecidable, false, 0b01},
          // Derived tables have places of their own in the map.
          {"UPDATE a JOIN (SELECT 1) AS d JOIN mysql.b SET v = 5", Verdict::undecidable, false, 1},
          {"UPDATE a JOIN (SELECT 1) AS d JOIN mysql.b SET a.v = 5", Verdict::keep, false, 1},
      },
      TableRules());
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
