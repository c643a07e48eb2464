#include "filters/sql/statement.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "unit/filters/exact_text.hpp"
#include "unit/filters/sql/statement_corpus.hpp"

namespace sluice::filters {
namespace {

using Verdict = StatementVerdict;

StatementContext context_of(const CorpusRow& row) {
  StatementContext context;
  context.default_schema = row.default_schema;
  context.sql_mode = row.sql_mode;
  context.client_charset = row.client_charset;
  context.mariadb = row.mariadb;
  context.master_version = row.mariadb ? 101119 : 90704;
  return context;
}

StatementContext in_app() {
  StatementContext context;
  context.default_schema = "app";
  context.master_version = 80036;
  return context;
}

TEST_CASE("every statement of the corpus has its verdict") {
  const TableRules rules;
  for (const CorpusRow& row : statement_corpus) {
    CAPTURE(row.text);
    const ExactText text(row.text);
    const auto judgement = judge_statement(text.view(), false, context_of(row), rules);
    CHECK(judgement.verdict == row.verdict);
    CHECK(to_string(judgement.kind) == row.kind);
    CHECK(judgement.reason.empty() == (judgement.verdict != Verdict::undecidable));
  }
}

TEST_CASE("the head of a statement is never judged otherwise than the whole") {
  const TableRules rules;
  for (const CorpusRow& row : statement_corpus) {
    const auto whole = judge_statement(row.text, false, context_of(row), rules);
    for (std::size_t size = 0; size <= row.text.size(); ++size) {
      const ExactText head(row.text.substr(0, size));
      const auto judgement = judge_statement(head.view(), true, context_of(row), rules);
      if (judgement.verdict == Verdict::need_more) continue;
      CAPTURE(head.view());
      CHECK(judgement.verdict == whole.verdict);
    }
  }
}

TEST_CASE("a cut statement that is taken for a whole one is never an error in memory") {
  const TableRules rules;
  for (const CorpusRow& row : statement_corpus) {
    for (std::size_t size = 0; size < row.text.size(); ++size) {
      const ExactText head(row.text.substr(0, size));
      CHECK(judge_statement(head.view(), false, context_of(row), rules).verdict !=
            Verdict::need_more);
    }
  }
}

TEST_CASE("long statements are judged by their head") {
  const TableRules rules;
  const std::string values(1000, 'x');
  struct Row {
    const char* head;
    Verdict verdict;
  };
  for (const Row& row : {
           Row{"INSERT INTO app.t VALUES ('", Verdict::keep},
           Row{"INSERT INTO mysql.t VALUES ('", Verdict::drop},
           Row{"REPLACE INTO t SELECT '", Verdict::keep},
           Row{"UPDATE mysql.t SET a = '", Verdict::drop},
           Row{"DELETE FROM t WHERE a = '", Verdict::keep},
           Row{"CREATE TABLE t (a INT) COMMENT '", Verdict::keep},
           Row{"CREATE PROCEDURE p() BEGIN SELECT '", Verdict::keep},
           Row{"CREATE USER u IDENTIFIED BY '", Verdict::drop},
           Row{"LOAD DATA INFILE 'f' INTO TABLE mysql.t FIELDS TERMINATED BY '", Verdict::drop},
           Row{"UPDATE app.t, mysql.m SET t.a = '", Verdict::need_more},
           Row{"ALTER TABLE t COMMENT '", Verdict::need_more},
           Row{"/* ", Verdict::need_more},
       }) {
    CAPTURE(row.head);
    CHECK(judge_statement(row.head + values, true, in_app(), rules).verdict == row.verdict);
  }
  std::string list = "DROP TABLE a";
  for (int i = 0; i < 100; ++i) list += ",app.t";
  CHECK(judge_statement(list, true, in_app(), rules).verdict == Verdict::need_more);
}

TEST_CASE("executable comments that other versions read otherwise fail closed") {
  const TableRules rules;
  struct Row {
    const char* text;
    Verdict verdict;
  };
  for (const Row& row : {
           Row{"/*!50001 create user a@b */", Verdict::drop},
           Row{"create /*!80000 user */ c2", Verdict::drop},
           Row{"insert into /*!50000 mysql.m */ values (1)", Verdict::drop},
           Row{"insert into /*!50000 app.t */ values (1)", Verdict::keep},
           Row{"drop /*!40005 temporary */ table if exists t", Verdict::keep},
           Row{"update app.t /*!50000 , mysql.m */ set t.a = 1", Verdict::keep},
           // What this master (8.0.36) did not run, others may, and the other way round.
           Row{"drop table t /*!90000 , mysql.m */", Verdict::undecidable},
           Row{"drop table mysql.m /*!50000 , mysql.n */", Verdict::drop},
           Row{"drop table /*!50000 mysql. */ m", Verdict::drop},
           // Nor does what is dropped reach a replica.
           Row{"drop table /*!80000 mysql. */ m", Verdict::drop},
           Row{"insert into /*!50701 mysql. */ m values (1)", Verdict::drop},
           Row{"drop table /*!80000 mysql.m, */ app.t", Verdict::drop},
           Row{"/*!80000 create user a */ /*!50701 , b */", Verdict::drop},
           Row{"delete from /*M!100000 mysql. */ m", Verdict::undecidable},
           Row{"/*!90000 drop user a */", Verdict::undecidable},
           Row{"insert into t values (1) /*!90000 drop user a */", Verdict::keep},
       }) {
    CAPTURE(row.text);
    CHECK(judge_statement(row.text, false, in_app(), rules).verdict == row.verdict);
  }
}

TEST_CASE("what executable comments hide from this master's version fails closed") {
  const TableRules rules;
  struct Row {
    bool mariadb;
    std::uint32_t version;
    const char* text;
    Verdict verdict;
  };
  for (const Row& row : {
           // MySQL 8.4 leaves out what 9.0 reads, and finds a statement in its strings.
           Row{false, 90704,
               "/*!90000 create table app.t (a int) comment=\" */ /*!80000 create user evil */ "
               "/*!90000 \" */",
               Verdict::undecidable},
           Row{false, 90704,
               "/*!90000 create table app.t (a int) comment=\" */ call app.p() /*!90000 \" */",
               Verdict::undecidable},
           Row{false, 90704,
               "/*!90000 create table app.t (a int) comment=\" */ shutdown /*!90000 \" */",
               Verdict::undecidable},
           Row{true, 110806,
               "/*M!110000 create table app.t (a int) comment=\" */ begin not atomic create user "
               "evil; end /*M!110000 \" */",
               Verdict::undecidable},
           Row{true, 110806,
               "/*M!110000 create table app.t (a int) comment=\" */ execute immediate 'x' "
               "/*M!110000 \" */",
               Verdict::undecidable},
           // MariaDB as a replica of MySQL.
           Row{false, 90704,
               "/*M! begin not atomic create user evil; end -- */ create table app.t (a int) "
               "/*\n*/",
               Verdict::undecidable},
           Row{false, 90704,
               "/*!80000 create table app.t (a int) comment=\" */ /*M! create user evil */ "
               "/*!80000 \" */",
               Verdict::undecidable},
           Row{false, 80036,
               "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER app.g "
               "BEFORE INSERT ON app.t FOR EACH ROW SET NEW.a = 1 */",
               Verdict::keep},
           Row{false, 90704,
               "/*!80000 create table app.t (a int) comment=\" */ /*!100100 create user evil */ "
               "/*!80000 \" */",
               Verdict::undecidable},
           // Before 8.1 MySQL reads 10010 and a 0.
           Row{false, 50744,
               "alter table app.t /*M! comment=\" */ AUTO_INCREMENT=/*!100100 , "
               "rename to mysql.evil -- \"\n*/",
               Verdict::undecidable},
           Row{false, 90704,
               "alter table app.t /*M! comment=\" */ AUTO_INCREMENT=/*!100100 , "
               "rename to mysql.evil -- \"\n*/ 5",
               Verdict::undecidable},
           Row{false, 90704, "/*M!999999\\- enable the sandbox mode */ CREATE DATABASE app",
               Verdict::keep},
           // To MySQL the first end is that of the comment.
           Row{false, 90704, "create table /*M! 'x' /* */ mysql.m (a int) -- */ app.t (a int)",
               Verdict::drop},
           Row{false, 90704, "drop /*M! 'x' /* */ user a@b -- */ table if exists app.t",
               Verdict::drop},
           Row{true, 110806, "create table /*M!120000 'x' /* */ mysql.m */ app.t (a int)",
               Verdict::undecidable},
           Row{true, 110806, "create table /*M!120000 /* */ */ app.t (a int)", Verdict::keep},
           Row{true, 130001, "rename table app.a to app.b /*!!       , app.c to mysql.d */",
               Verdict::drop},
           Row{true, 130001, "drop view app.v /*!!       , mysql.w */", Verdict::drop},
           Row{true, 130101, "deny select on app.t to someone", Verdict::drop},
           Row{true, 130001, "drop view app.v /*!!130100 , mysql.w */", Verdict::drop},
           // Left out, with a plain one within that has ended it here: DO is read in its place.
           Row{true, 130001, "/*  100000 (*/ do 1 *) */ create user u identified by 'x'",
               Verdict::undecidable},
           Row{true, 130001, "/*M  100000 (*/ do 1 *) */ create user u identified by 'x'",
               Verdict::undecidable},
           Row{true, 110802, "/*  100000 (*/ do 1", Verdict::keep},
           Row{true, 130001, "create table app.t (a int) /*!!       engine=InnoDB */",
               Verdict::keep},
           // What is written so every day.
           Row{false, 80036, "create table t (a int) /*!80016 encryption='N' */", Verdict::keep},
           Row{false, 80036, "create database app /*!80016 default encryption='N' */",
               Verdict::keep},
           Row{true, 101119, "create table t (a int) /*M!100201 page_compressed=1 */",
               Verdict::keep},
           Row{false, 80036, "/*!80000 alter table t alter index i invisible */", Verdict::keep},
       }) {
    const std::string_view text = row.text;
    CAPTURE(text);
    StatementContext context = in_app();
    context.mariadb = row.mariadb;
    context.master_version = row.version;
    CHECK(judge_statement(row.text, false, context, rules).verdict == row.verdict);
  }
  // Where the master's version is not known, neither is its reading.
  StatementContext unknown = in_app();
  unknown.master_version = 0;
  CHECK(judge_statement("drop table /*!80000 mysql. */ m", false, unknown, rules).verdict ==
        Verdict::undecidable);
  // Not for ever.
  std::string many;
  for (int i = 10; i < 40; ++i) many += "/*!800" + std::to_string(i) + " */ ";
  const std::string table = "create table t (a int)";
  CHECK(judge_statement(many + table, false, in_app(), rules).verdict == Verdict::keep);
  many += "/*!80040 */ ";
  CHECK(judge_statement(many + table, false, in_app(), rules).verdict == Verdict::undecidable);
}

TEST_CASE("a long text is not read as often as its executable comments would have it") {
  const TableRules rules;
  std::string comments;
  for (int i = 10; i < 38; ++i) comments += "/*!507" + std::to_string(i) + " */ ";
  const auto statement = [&](std::size_t size) {
    std::string text = "UPDATE a JOIN b " + comments + "ON a.a IN (";
    while (text.size() < size) text += "1,";
    return text + "1) SET a.b = 5";
  };
  CHECK(judge_statement(statement(std::size_t{256} << 10), false, in_app(), rules).verdict ==
        Verdict::keep);
  const auto judgement = judge_statement(statement(std::size_t{4} << 20), false, in_app(), rules);
  CHECK(judgement.verdict == Verdict::undecidable);
  CHECK(judgement.reason.find("too long") != std::string_view::npos);
}

TEST_CASE("the client's character set hides nothing") {
  const TableRules rules;
  struct Row {
    std::uint16_t charset;
    const char* text;
    Verdict verdict;
  };
  for (const Row& row : {
           // cp1250, where 0x81 is a control character.
           Row{26, "update app.a --\x81 set b=1\n right join mysql.z z on true set z.b=5",
               Verdict::undecidable},
           Row{26,
               "set statement max_statement_time=10 --\x81 for select 1\n for create user x "
               "identified by 'secret'",
               Verdict::undecidable},
           Row{26, "create index i using btree --\x81 on app.a\n on mysql.z (a)",
               Verdict::undecidable},
           Row{26, "insert into t values (1--\x81)", Verdict::keep},
           // swe7
           Row{10, "create index i{ON on mysql.z (a)", Verdict::undecidable},
           Row{82, "create database mysql{", Verdict::undecidable},
           Row{10, "update app.a join app.b on @a` join mysql.z z on 1 set z.b=5 -- ` set a.b=1",
               Verdict::undecidable},
           Row{10, "create table t (a int)", Verdict::keep},
           // gbk
           Row{28,
               "update app.a join (select @\xB0` x `) d join mysql.z z on 1 set z.b=5 -- ` ) d "
               "set a.b=1",
               Verdict::undecidable},
           Row{28,
               "update app.a join (select 1\xB0` x ` from (select 1 as 1\xB0 ) y) d "
               "join mysql.z z on 1 set z.b=5 -- ` ) d set a.b=1",
               Verdict::undecidable},
           // filename
           Row{17, "insert into `m@0079sql`.z values (1)", Verdict::undecidable},
           Row{17, "insert into app.a values (1)", Verdict::undecidable},
       }) {
    CAPTURE(row.text);
    auto context = in_app();
    context.client_charset = row.charset;
    CHECK(judge_statement(row.text, false, context, rules).verdict == row.verdict);
  }
}

TEST_CASE("two dashes stand in expressions only") {
  const TableRules rules;
  const auto verdict = [&](const char* text) {
    return judge_statement(text, false, in_app(), rules).verdict;
  };
  CHECK(verdict("create index i --x on app.a\n on mysql.z (a)") == Verdict::undecidable);
  CHECK(verdict("rename table a --x to b\n to c") == Verdict::undecidable);
  CHECK(verdict("update app.a --x set b=1\n join app.b set b=1") == Verdict::undecidable);
  CHECK(verdict("update app.a use index (i) --x set b=1\n, app.b set b=1") == Verdict::undecidable);
  CHECK(verdict("update app.a join app.b on a.a=b.a--1 and (b.a--1) set a.b=1--1") ==
        Verdict::keep);
  StatementContext mariadb = in_app();
  mariadb.mariadb = true;
  mariadb.master_version = 101119;
  for (const auto& [text, expected] :
       {std::pair{"set statement lock_wait_timeout=1--1 for create table app.q (a int)",
                  Verdict::keep},
        std::pair{"set statement lock_wait_timeout=1--1 for drop table mysql.q", Verdict::drop},
        // The mode in the event is not the one that it was read by: an INSERT into app.a.
        std::pair{"set statement long_query_time=length('\\' ) for insert into mysql.zz values (9) "
                  "# '), lock_wait_timeout=1--1 for insert into app.a values (9)",
                  Verdict::undecidable}}) {
    CAPTURE(text);
    mariadb.sql_mode = expected == Verdict::undecidable ? no_backslash_escapes_mode : 0;
    CHECK(judge_statement(text, false, mariadb, rules).verdict == expected);
  }
}

TEST_CASE("a definer's host may be empty") {
  const TableRules rules;
  for (const char* text :
       {"alter definer=app@ event app.e enable", "alter definer=app event app.e enable",
        "alter definer='app'@'%' event app.e enable"}) {
    CAPTURE(text);
    CHECK(judge_statement(text, false, in_app(), rules).verdict == Verdict::keep);
    CHECK(judge_statement(std::string(text).replace(std::string(text).find("app.e"), 3, "mysql"),
                          false, in_app(), rules)
              .verdict == Verdict::drop);
  }
}

TEST_CASE("sql_mode MSSQL of MariaDB puts names in brackets") {
  const TableRules rules;
  StatementContext context = in_app();
  context.master_version = 101119;
  const auto verdict = [&](const char* text) {
    return judge_statement(text, false, context, rules).verdict;
  };
  context.sql_mode = 0x404;
  context.mariadb = true;
  CHECK(verdict("create table [t 1] ([a b] int)") == Verdict::keep);
  CHECK(verdict("insert into [app].[t] values (1)") == Verdict::keep);
  CHECK(verdict("insert into [mysql].[t]]x] values (1)") == Verdict::drop);
  CHECK(verdict("alter table t add [it's] int") == Verdict::keep);
  CHECK(verdict("alter table app.t add [a'] int, rename to mysql.m, add [b'] int") ==
        Verdict::undecidable);
  CHECK(verdict("alter table app.t add [#] int, rename to mysql.m") == Verdict::undecidable);
  CHECK(verdict("insert into [app.t values (1)") == Verdict::undecidable);
  context.sql_mode = 0x4;
  CHECK(verdict("insert into [app].[t] values (1)") == Verdict::undecidable);
  context.sql_mode = 0x404;
  context.mariadb = false;
  CHECK(verdict("insert into [app].[t] values (1)") == Verdict::undecidable);
}

TEST_CASE("the file that LOAD DATA names is not read: a replica puts another one there") {
  const TableRules rules;
  StatementContext context = in_app();
  constexpr std::uint64_t no_backslash_escapes = 1U << 20;
  const auto verdict = [&](std::string_view text, bool truncated = false) {
    context.behind_file_name = static_cast<std::uint32_t>(text.rfind("INTO TABLE") + 4);
    return judge_statement(text, truncated, context, rules).verdict;
  };
  // Masters escape its quotes by backslashes whatever the sql_mode is.
  context.sql_mode = no_backslash_escapes;
  CHECK(verdict(R"(LOAD DATA LOCAL INFILE 'f\' INTO TABLE app.t -- ' INTO TABLE `mysql`.`m`)") ==
        Verdict::drop);
  CHECK(verdict(R"(LOAD DATA INFILE 'o\'brien.csv' INTO TABLE `t`)") == Verdict::keep);
  context.sql_mode = 0;
  CHECK(verdict("LOAD DATA INFILE '\xBF\x5C\x5C' INTO TABLE `t`") == Verdict::keep);
  CHECK(verdict("LOAD DATA INFILE 'f' INTO TABLE", true) == Verdict::need_more);
  CHECK(verdict("LOAD DATA INFILE 'f' INTO TABLE") == Verdict::undecidable);
  for (const std::uint32_t wrong : {0U, 20U, 4711U}) {
    context.behind_file_name = wrong;
    CHECK(judge_statement("LOAD DATA INFILE 'f' INTO TABLE t", false, context, rules).verdict ==
          Verdict::undecidable);
  }
}

TEST_CASE("names of a WITH need no default schema") {
  const TableRules rules;
  StatementContext context;
  context.master_version = 80036;
  const auto verdict = [&](const char* text) {
    return judge_statement(text, false, context, rules).verdict;
  };
  CHECK(verdict("WITH c AS (SELECT 1 AS id) UPDATE app.t JOIN c USING (id) SET app.t.a = 5") ==
        Verdict::keep);
  CHECK(verdict("WITH c AS (SELECT 1 AS id) UPDATE mysql.t JOIN c USING (id) SET t.a = 5") ==
        Verdict::drop);
  CHECK(verdict("UPDATE app.t JOIN c USING (id) SET app.t.a = 5") == Verdict::undecidable);
}

TEST_CASE(
    "names that differ in nothing but their case are one to some masters, and two to others") {
  const TableRules rules;
  const auto verdict = [&](const char* text, bool mariadb = false) {
    StatementContext context = in_app();
    context.mariadb = mariadb;
    context.master_version = mariadb ? 110803 : 50651;
    return judge_statement(text, false, context, rules).verdict;
  };
  CHECK(verdict("DELETE app.T FROM app.T JOIN app.t ON T.id = t.id") == Verdict::keep);
  CHECK(verdict("DELETE mysql.T FROM mysql.T JOIN mysql.t ON T.id = t.id") == Verdict::drop);
  CHECK(verdict("DELETE a FROM app.x a JOIN mysql.y A ON a.id = A.id") == Verdict::undecidable);
  CHECK(verdict("DELETE A FROM app.x a JOIN mysql.y A ON a.id = A.id") == Verdict::undecidable);
  // An alias to MySQL 5.6.
  CHECK(verdict("DELETE sv FROM app.sv except JOIN mysql.t1 SV") == Verdict::undecidable);
  const auto of_time =
      "DELETE sv FROM app.sv FOR SYSTEM_TIME AS OF 20350101000000|0 x JOIN mysql.t1 SV";
  CHECK(verdict(of_time, true) == Verdict::drop);
}

TEST_CASE("a query that begins with a bracket goes on behind it") {
  const TableRules rules;
  for (const bool mariadb : {false, true}) {
    StatementContext context = in_app();
    context.mariadb = mariadb;
    const auto verdict = [&](std::string_view text) {
      return judge_statement(text, false, context, rules).verdict;
    };
    for (const std::string behind :
         {"((SELECT 1 k, 2 v) UNION SELECT 3, 4) d",
          "((SELECT 1 k, 2 v) UNION SELECT a, zz FROM c) d",
          "((SELECT a k, b v FROM b) UNION ALL (SELECT 5, 6) ORDER BY 1, 2 LIMIT 5) d",
          "((SELECT a zz FROM app.c) ORDER BY 1, zz) d", "((SELECT 1 k, 2 v) LIMIT 1, 2) d",
          "((SELECT 1 k, 2 v) EXCEPT SELECT 3, 4) d",
          "((SELECT 1 k, 2 v) INTERSECT ALL (SELECT 3, 4)) d", "((SELECT 1 k, 2 v) FOR UPDATE) d",
          "(((SELECT 1 k, 2 v) UNION SELECT 3, 4)) d"}) {
      CAPTURE(behind);
      CHECK(verdict("UPDATE app.a JOIN " + behind + " ON a.a = d.k SET a.b = d.v") ==
            Verdict::keep);
      CHECK(verdict("DELETE a FROM a JOIN " + behind + " ON a.a = d.k") == Verdict::keep);
      CHECK(verdict("DELETE zz FROM mysql.t1 AS ZZ JOIN " + behind) == Verdict::drop);
    }
    CHECK(verdict("UPDATE (app.a except) JOIN app.b SET except.b = 5") == Verdict::keep);
    CHECK(verdict("UPDATE app.a JOIN ((SELECT 1 k) UNION SELECT 3 SET b = 5") ==
          Verdict::undecidable);
  }
}

TEST_CASE("the tablespace of the system schema is the replica's own") {
  const TableRules rules;
  const auto verdict = [&](const char* text) {
    return judge_statement(text, false, in_app(), rules).verdict;
  };
  CHECK(verdict("ALTER TABLESPACE mysql ENCRYPTION = 'Y'") == Verdict::drop);
  CHECK(verdict("ALTER TABLESPACE `MySQL` ENCRYPTION = 'Y'") == Verdict::drop);
  CHECK(verdict("ALTER TABLESPACE ts ENCRYPTION = 'Y'") == Verdict::keep);
  CHECK(verdict("ALTER UNDO TABLESPACE undo_1 SET INACTIVE") == Verdict::keep);
}

TEST_CASE("patterns rule over statements as over rows") {
  const TableRules rules(SystemSchema::keep,
                         {*TablePattern::parse("tmp.%"), *TablePattern::parse("app.cache\\_%"),
                          *TablePattern::parse("app.q\\`t")},
                         {});
  struct Row {
    const char* text;
    Verdict verdict;
  };
  for (const Row& row : {
           Row{"insert into cache_a values (1)", Verdict::drop},
           Row{"insert into cachea values (1)", Verdict::keep},
           Row{"insert into tmp.x select * from t", Verdict::drop},
           Row{"insert into `q``t` values (1)", Verdict::drop},
           Row{"insert into `q``u` values (1)", Verdict::keep},
           Row{"drop table t, cache_a", Verdict::drop},
           Row{"create database tmp", Verdict::drop},
           Row{"drop database app", Verdict::keep},
           Row{"create procedure tmp.p() select 1", Verdict::drop},
           Row{"create procedure cache_p() select 1", Verdict::keep},
           Row{"create trigger g before insert on cache_a for each row set @a = 1", Verdict::drop},
           Row{"create user u", Verdict::keep},
           Row{"insert into mysql.user values (1)", Verdict::keep},
           // As servers write it at the end of a session.
           Row{"DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `cache_a`,`t`", Verdict::keep},
           Row{"DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `cache_a`", Verdict::drop},
       }) {
    CAPTURE(row.text);
    CHECK(judge_statement(row.text, false, in_app(), rules).verdict == row.verdict);
  }
}

TEST_CASE("a statement of a client that sends a NUL behind it") {
  using namespace std::string_view_literals;
  const TableRules rules;
  CHECK(judge_statement("alter table t add c int\0"sv, false, in_app(), rules).verdict ==
        Verdict::keep);
  CHECK(judge_statement("drop table mysql.m\0"sv, false, in_app(), rules).verdict == Verdict::drop);
  CHECK(judge_statement("rename table a to b\0, c to d"sv, false, in_app(), rules).verdict ==
        Verdict::undecidable);
  CHECK(judge_statement("alter table t add c int\0"sv, true, in_app(), rules).verdict ==
        Verdict::need_more);
}

TEST_CASE("names outside of UTF-8 cannot be compared with patterns") {
  auto context = in_app();
  context.client_charset = 8;  // latin1
  const char* text = "insert into caf\xE9 values (1)";
  const TableRules patterns(SystemSchema::drop, {*TablePattern::parse("tmp.%")}, {});
  CHECK(judge_statement(text, false, context, patterns).verdict == Verdict::undecidable);
  CHECK(judge_statement(text, false, context, TableRules()).verdict == Verdict::keep);
  CHECK(judge_statement("insert into t values ('caf\xE9')", false, context, patterns).verdict ==
        Verdict::keep);
  context.client_charset = 10;  // swe7, where ` [ ` is a letter
  CHECK(judge_statement("insert into `[` values (1)", false, context, patterns).verdict ==
        Verdict::undecidable);
  CHECK(judge_statement("insert into t values ('[')", false, context, patterns).verdict ==
        Verdict::keep);
  context.client_charset = 45;  // utf8mb4
  CHECK(judge_statement("insert into caf\xC3\xA9 values (1)", false, context, patterns).verdict ==
        Verdict::keep);
}

TEST_CASE("statements that masters do not log, or could not be made to") {
  const TableRules rules;
  struct Row {
    const char* text;
    Verdict verdict;
    StatementKind kind;
  };
  for (const Row& row : {
           Row{"create function f returns string soname 'f.so'", Verdict::drop,
               StatementKind::create_loadable_function},
           Row{"CREATE AGGREGATE FUNCTION IF NOT EXISTS f RETURNS REAL SONAME 'f.so'",
               Verdict::drop, StatementKind::create_loadable_function},
           Row{"create function f() returns int return 1", Verdict::keep,
               StatementKind::create_function},
           Row{"create function mysql.f() returns int return 1", Verdict::drop,
               StatementKind::create_function},
           Row{"create server s foreign data wrapper mysql options (password 'p')", Verdict::drop,
               StatementKind::create_server},
           Row{"install plugin p soname 'p.so'", Verdict::drop, StatementKind::install},
           Row{"uninstall component 'file://c'", Verdict::drop, StatementKind::uninstall},
           Row{"alter resource group r enable", Verdict::drop, StatementKind::alter_resource_group},
           Row{"set resource group r", Verdict::drop, StatementKind::set_resource_group},
           Row{"set password = 'x'", Verdict::drop, StatementKind::set_password},
           Row{"set role none", Verdict::drop, StatementKind::set_role},
           Row{"set @a = 1, password = 'x'", Verdict::undecidable, StatementKind::set_variable},
           Row{"create masking policy p(x) x", Verdict::drop, StatementKind::create_masking_policy},
           Row{"binlog 'AAAA'", Verdict::undecidable, StatementKind::binlog},
           Row{"import table from 't.sdi'", Verdict::undecidable, StatementKind::import_table},
           Row{"call mysql.p()", Verdict::keep, StatementKind::call},
           Row{"(select f(1)) union (select 2)", Verdict::keep, StatementKind::select},
           Row{"drop trigger mysql.g", Verdict::drop, StatementKind::drop_trigger},
           Row{"alter instance rotate innodb master key", Verdict::keep,
               StatementKind::alter_instance},
           Row{"create logfile group g add undofile 'f' engine ndb", Verdict::keep,
               StatementKind::create_logfile_group},
           Row{"alter database mysql character set utf8", Verdict::drop,
               StatementKind::alter_database},
           Row{"alter database charset utf8", Verdict::keep, StatementKind::alter_database},
           Row{"alter database char set utf8", Verdict::keep, StatementKind::alter_database},
           Row{"alter table p convert partition p0 to table mysql.x", Verdict::undecidable,
               StatementKind::alter_table},
           Row{"alter table t rename column a to mysql, rename key k to mysql", Verdict::keep,
               StatementKind::alter_table},
           Row{"update { oj app.t left outer join mysql.m on t.id = m.id } set t.a = 1",
               Verdict::keep, StatementKind::update},
           Row{"update app.t join mysql.m on t.`set` = m.`where` and t.order = m.limit set m.a = 1",
               Verdict::drop, StatementKind::update},
           Row{"delete from app.t, mysql.m using app.t join mysql.m", Verdict::drop,
               StatementKind::delete_rows},
           Row{"load xml infile 'f' into table mysql.m rows identified by '<a>'", Verdict::drop,
               StatementKind::load_data},
           Row{"insert into mysql", Verdict::keep, StatementKind::insert},
           Row{"insert into a.b.c values (1)", Verdict::undecidable, StatementKind::insert},
           Row{"", Verdict::keep, StatementKind::empty},
           Row{";", Verdict::keep, StatementKind::empty},
           Row{"# Dum", Verdict::keep, StatementKind::empty},
           Row{"frobnicate mysql.user", Verdict::undecidable, StatementKind::unknown},
           Row{"create frob f", Verdict::undecidable, StatementKind::unknown},
           Row{"create", Verdict::undecidable, StatementKind::unknown},
           Row{"'a'", Verdict::undecidable, StatementKind::unknown},
           Row{"drop table", Verdict::undecidable, StatementKind::drop_table},
           Row{"drop table t, 'x", Verdict::undecidable, StatementKind::drop_table},
           Row{"insert into `t", Verdict::undecidable, StatementKind::insert},
       }) {
    CAPTURE(row.text);
    const auto judgement = judge_statement(row.text, false, in_app(), rules);
    CHECK(judgement.verdict == row.verdict);
    CHECK(judgement.kind == row.kind);
  }
}

TEST_CASE("a table without any schema fails closed") {
  StatementContext context;
  CHECK(judge_statement("insert into t values (1)", false, context, TableRules()).verdict ==
        Verdict::undecidable);
  CHECK(judge_statement("insert into app.t values (1)", false, context, TableRules()).verdict ==
        Verdict::keep);
  // A stored function would need one, so it is a loadable one.
  CHECK(judge_statement("drop function f", false, context, TableRules()).verdict == Verdict::drop);
}

TEST_CASE("no reason tells anything of the statement") {
  for (const char* text :
       {"alter table app.Secret rename mysql.Secret", "Secret", "set Secret = 1"}) {
    const auto judgement = judge_statement(text, false, in_app(), TableRules());
    CHECK(judgement.verdict == Verdict::undecidable);
    CHECK(judgement.reason.find("Secret") == std::string_view::npos);
    CHECK(to_string(judgement.kind).find("Secret") == std::string_view::npos);
  }
}

TEST_CASE("every kind has its row") {
  for (auto kind = 0; kind <= static_cast<int>(StatementKind::binlog); ++kind) {
    CAPTURE(kind);
    CHECK(rule_of(static_cast<StatementKind>(kind)).kind == static_cast<StatementKind>(kind));
  }
  CHECK(to_string(StatementKind::create_user) == "CREATE USER");
  CHECK(to_string(StatementKind::unknown) == "(unknown)");
}

}  // namespace
}  // namespace sluice::filters
