#include "filters/requirements/table_change.hpp"

#include <doctest/doctest.h>

#include "unit/filters/exact_text.hpp"

using namespace sluice;
using filters::LexRules;
using filters::TableChange;
using Kind = TableChange::Kind;
using PrimaryKey = TableChange::PrimaryKey;

namespace {

LexRules lexis(bool mariadb = false) {
  LexRules rules;
  rules.mariadb = mariadb;
  rules.master_version = mariadb ? 101119 : 80036;
  rules.comments = filters::CommentReading::by_version;
  return rules;
}

/// "created app.t absent MyISAM; renamed app.t > app.u"
std::string read(std::string_view text, bool truncated = false, bool mariadb = false) {
  std::string all;
  const filters::ExactText exact{std::string(text)};
  for (const TableChange& change :
       filters::read_table_changes(exact.view(), truncated, lexis(mariadb), "app")) {
    static constexpr std::string_view kinds[] = {"created", "altered", "dropped", "renamed",
                                                 "schema dropped"};
    static constexpr std::string_view keys[] = {"", " present", " absent"};
    if (!all.empty()) all += "; ";
    all.append(kinds[static_cast<std::size_t>(change.kind)]).append(" ").append(change.table);
    if (!change.other.empty()) all.append(" > ").append(change.other);
    all.append(keys[static_cast<std::size_t>(change.primary_key)]);
    if (!change.engine.empty()) all.append(" ").append(change.engine);
  }
  return all;
}

}  // namespace

TEST_CASE("CREATE TABLE says whether there is a primary key, and the engine if it is named") {
  CHECK(read("CREATE TABLE t (a INT)") == "created app.t absent");
  CHECK(read("create table if not exists shop.`t 1` (a int primary key)") ==
        "created shop.t 1 present");
  CHECK(read("CREATE TABLE t (a INT KEY)") == "created app.t present");
  CHECK(read("CREATE TABLE t (a INT NOT NULL UNIQUE KEY)") == "created app.t absent");
  CHECK(read("CREATE TABLE t (a INT, b INT, KEY k (a), UNIQUE KEY (b))") == "created app.t absent");
  CHECK(read("CREATE TABLE t (a INT, PRIMARY KEY USING BTREE (a))") == "created app.t present");
  CHECK(read("CREATE TABLE t (a INT, CONSTRAINT c PRIMARY KEY (a), KEY (a))") ==
        "created app.t present");
  CHECK(read("CREATE TABLE t (a INT COMMENT 'PRIMARY KEY', `PRIMARY` INT)") ==
        "created app.t absent");
  CHECK(read("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES u (a))") == "created app.t absent");
  CHECK(read("CREATE TABLE t (a INT /* PRIMARY KEY */)") == "created app.t absent");
  CHECK(read("CREATE TABLE t (a INT /*!50001 PRIMARY KEY */)") == "created app.t present");
  CHECK(read("CREATE TABLE t (a INT) ENGINE=MyISAM") == "created app.t absent MyISAM");
  CHECK(read("CREATE TABLE t (engine INT PRIMARY KEY) COMMENT='x' engine `Aria` CHECKSUM=1") ==
        "created app.t present Aria");
  CHECK(read("CREATE TABLE t (a INT) ENGINE 'InnoDB'") == "created app.t absent InnoDB");
  CHECK(read("CREATE TABLE t SELECT engine, 1 FROM u") == "created app.t absent");
  CHECK(read("CREATE TABLE t (SELECT 1)") == "created app.t absent");
  CHECK(read("CREATE TABLE t (a INT PRIMARY KEY) ENGINE=MEMORY SELECT 1 AS a") ==
        "created app.t present MEMORY");
  CHECK(read("CREATE TABLE t LIKE shop.u") == "created app.t > shop.u");
  CHECK(read("CREATE TABLE t (LIKE u)") == "created app.t > app.u");
  CHECK(read("CREATE OR REPLACE TABLE t (a INT)", false, true) == "created app.t absent");
  CHECK(read("SET STATEMENT max_statement_time=1 FOR CREATE TABLE t (a INT)", false, true) ==
        "created app.t absent");
}

TEST_CASE("ALTER TABLE gives and takes primary keys, engines and names") {
  CHECK(read("ALTER TABLE t ADD PRIMARY KEY (a)") == "altered app.t present");
  CHECK(read("ALTER TABLE t ADD b INT, ADD CONSTRAINT c PRIMARY KEY (a)") ==
        "altered app.t present");
  CHECK(read("ALTER TABLE t ADD COLUMN id INT AUTO_INCREMENT PRIMARY KEY FIRST") ==
        "altered app.t present");
  CHECK(read("ALTER TABLE t ADD COLUMN (b INT, id INT KEY), ADD KEY (b)") ==
        "altered app.t present");
  CHECK(read("ALTER TABLE t MODIFY id INT NOT NULL PRIMARY KEY") == "altered app.t present");
  CHECK(read("ALTER TABLE t DROP PRIMARY KEY") == "altered app.t absent");
  CHECK(read("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b)") == "altered app.t present");
  CHECK(read("ALTER TABLE t DROP KEY k, ADD KEY (b), ADD UNIQUE KEY (c)") == "altered app.t");
  CHECK(read("ALTER TABLE t RENAME KEY a TO b") == "altered app.t");
  CHECK(read("ALTER TABLE t ADD COLUMN engine INT") == "altered app.t");
  CHECK(read("ALTER TABLE t ENGINE=MyISAM") == "altered app.t MyISAM");
  CHECK(read("ALTER TABLE t ROW_FORMAT=FIXED ENGINE = MyISAM, ADD b INT") ==
        "altered app.t MyISAM");
  CHECK(read("ALTER TABLE t ENGINE MyISAM") == "altered app.t MyISAM");
  CHECK(read("ALTER TABLE t RENAME TO shop.u") == "altered app.t; renamed app.t > shop.u");
  CHECK(read("ALTER TABLE t DROP PRIMARY KEY, RENAME u") ==
        "altered app.t absent; renamed app.t > app.u");
  CHECK(read("ALTER DATABASE app CHARACTER SET utf8") == "");
}

TEST_CASE("tables go and get other names") {
  CHECK(read("DROP TABLE IF EXISTS `t`,shop.u /* generated by server */") ==
        "dropped app.t; dropped shop.u");
  CHECK(read("DROP DATABASE IF EXISTS shop") == "schema dropped shop");
  CHECK(read("DROP DATABASE ``").empty());
  CHECK(read("RENAME TABLE t TO u, shop.a TO shop.b") ==
        "renamed app.t > app.u; renamed shop.a > shop.b");
}

TEST_CASE("what is no such statement, is temporary or makes no sense says nothing") {
  for (const char* text :
       {"", "INSERT INTO t VALUES ('CREATE TABLE')", "CREATE TEMPORARY TABLE t (a INT)",
        "DROP TEMPORARY TABLE t", "CREATE INDEX i ON t (a)", "CREATE USER u", "CREATE TABLE",
        "CREATE TABLE (", "ALTER TABLE", "DROP", "RENAME USER a TO b", "CREATE TABLE 'x' (a INT)",
        "DROP TABLE 1, 2"}) {
    CAPTURE(text);
    CHECK(read(text) == "");
  }
}

TEST_CASE("of a cut statement nothing is said that the rest could contradict") {
  const std::string_view texts[] = {
      "CREATE TABLE t (a INT, b VARCHAR(10) DEFAULT 'x', PRIMARY KEY (a)) ENGINE=InnoDB",
      "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (b), ENGINE=InnoDB"};
  for (const std::string_view text : texts) {
    for (std::size_t size = 0; size < text.size(); ++size) {
      CAPTURE(size);
      CHECK(read(text.substr(0, size), true).find("absent") == std::string::npos);
    }
  }
}
