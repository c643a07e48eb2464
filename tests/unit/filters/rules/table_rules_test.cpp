#include "filters/rules/table_rules.hpp"

#include <doctest/doctest.h>

namespace sluice::filters {
namespace {

std::vector<TablePattern> patterns(std::initializer_list<const char*> texts) {
  std::vector<TablePattern> result;
  for (const char* text : texts) result.push_back(*TablePattern::parse(text));
  return result;
}

TEST_CASE("patterns match as replicate_wild_ignore_table does") {
  struct Row {
    const char* pattern;
    const char* schema;
    const char* table;
    bool matches;
  };
  for (const Row& row : {
           Row{"app.t", "app", "t", true},
           Row{"app.t", "app", "tt", false},
           Row{"app.t", "app", "T", false},
           Row{"app.%", "app", "", true},
           Row{"app.%", "app2", "t", false},
           Row{"app%.t", "app2", "t", true},
           Row{"app.cache_%", "app", "cache_x", true},
           Row{"app.cache_%", "app", "cachexx", true},
           Row{"app.cache_%", "app", "cache", false},
           Row{"app.cache\\_%", "app", "cachexx", false},
           Row{"app.cache\\_%", "app", "cache_xx", true},
           Row{"%.%", "", "", true},
           Row{"%.log", "a.b", "log", true},
           Row{"a%z.t", "a", "z.t", true},  // % covers the dot
           Row{"app.a%b%c", "app", "axbxbc", true},
           Row{"app.a%b%c", "app", "axbxb", false},
           Row{"app._", "app", "\xC3\xA9", false},  // two bytes
           Row{"app.__", "app", "\xC3\xA9", true},
           Row{"app._", "app", "ee", false},
           Row{"app.100\\%", "app", "100%", true},
           Row{"app.100\\%", "app", "1000", false},
           Row{"a\\.b.c", "a.b", "c", true},
       }) {
    CAPTURE(row.pattern);
    CAPTURE(row.table);
    const auto pattern = TablePattern::parse(row.pattern);
    REQUIRE(pattern.has_value());
    CHECK(pattern->matches(row.schema, row.table, NameCase::sensitive) == row.matches);
  }
  CHECK(TablePattern::parse("App.T%")->matches("aPP", "tx", NameCase::insensitive));
  CHECK(TablePattern::parse("app._")->matches("app", "\xC3\xA9", NameCase::insensitive));
  CHECK_FALSE(TablePattern::parse("app.__")->matches("app", "\xC3\xA9", NameCase::insensitive));
}

TEST_CASE("names compare as the servers' rules do") {
  CHECK(name_case(false, 0) == NameCase::sensitive);
  CHECK(name_case(false, 1) == NameCase::insensitive);
  CHECK(name_case(false, 2) == NameCase::insensitive);
  CHECK(name_case(true, 0) == NameCase::insensitive);
  const TableRules rules(SystemSchema::drop, patterns({"app.Cache"}),
                         patterns({"Shop.%", "app.%"}));
  CHECK(rules.drops("shop", "t"));
  CHECK_FALSE(rules.comparing(NameCase::insensitive).drops("shop", "t"));
  CHECK(rules.comparing(NameCase::insensitive).drops("mysql", "user"));
}

TEST_CASE(
    "a pattern in the syntax of something else is an error, and not one that matches nothing") {
  for (const char* text : {"shop.*", "*.*", "`shop`.`t`", "'shop'.t", "\"shop\".t", " shop.t",
                           "shop.t ", "shop .t", "shop. t", "shop.t\t"}) {
    CAPTURE(text);
    CHECK(TablePattern::parse(text).has_error());
  }
  CHECK(TablePattern::parse(R"(a b.\*\`\'\ )")->matches("a b", "*`' ", NameCase::sensitive));
  CHECK(TablePattern::parse("shop.*").error() ==
        R"("shop.*" has a *: any number of characters is %, and a * that belongs to a name is \*)");
}

TEST_CASE("a pattern needs one dot between a schema and a table") {
  for (const char* text : {"", "app", "app.", ".t", ".", "a.b.c", "app.t\\", "app\\.t"}) {
    CAPTURE(text);
    CHECK(TablePattern::parse(text).has_error());
  }
  CHECK(TablePattern::parse("app").error() ==
        "\"app\" has no dot: write schema.table, such as app.% for every table of app");
}

TEST_CASE("by default the system schema is dropped, however it is spelt") {
  const TableRules rules;
  for (const char* schema :
       {"mysql", "MySQL", "MYSQL", "#mysql50#mysql", "#MYSQL50#mysql", "#MySQL50#MySQL"}) {
    CHECK(rules.drops(schema, "user"));
    CHECK(rules.drops_schema(schema));
    CHECK(rules.drops_programs(schema));
  }
  for (const char* schema : {"mysqlx", "mysq", "sys", "app", "", "#mysql50#app"}) {
    CHECK_FALSE(rules.drops(schema, "user"));
    CHECK_FALSE(rules.drops_schema(schema));
  }
  CHECK(rules.drops_accounts());
  CHECK_FALSE(rules.drops_nothing());
}

TEST_CASE("ignore drops what matches") {
  const TableRules rules(SystemSchema::keep, patterns({"tmp.%", "app.cache_%"}), {});
  CHECK(rules.drops("tmp", "x"));
  CHECK(rules.drops("app", "cache_1"));
  CHECK_FALSE(rules.drops("app", "t"));
  CHECK_FALSE(rules.drops("mysql", "user"));
  CHECK(rules.drops_schema("tmp"));
  CHECK_FALSE(rules.drops_schema("app"));
  CHECK(rules.drops_programs("tmp"));
  CHECK_FALSE(rules.drops_accounts());
  CHECK(rules.has_patterns());
}

TEST_CASE("only drops what does not match, and wins over ignore") {
  const TableRules rules(SystemSchema::drop, patterns({"app.secret"}),
                         patterns({"app.secret", "app.t%", "shop.%"}));
  CHECK_FALSE(rules.drops("app", "t1"));
  CHECK_FALSE(rules.drops("app", "secret"));
  CHECK(rules.drops("app", "u"));
  CHECK(rules.drops("other", "t1"));
  CHECK(rules.drops("mysql", "user"));
  CHECK_FALSE(rules.drops_schema("shop"));
  CHECK(rules.drops_schema("app"));  // as the servers do: app.t% is not all of app
  CHECK_FALSE(rules.drops_programs("app"));
  CHECK(rules.drops_programs("other"));
}

TEST_CASE("accounts follow the rules for mysql.user") {
  CHECK(TableRules(SystemSchema::keep, patterns({"mysql.%"}), {}).drops_accounts());
  CHECK(TableRules(SystemSchema::keep, {}, patterns({"app.%"})).drops_accounts());
  CHECK(TableRules(SystemSchema::drop, {}, patterns({"%.%"})).drops_accounts());
  CHECK_FALSE(TableRules(SystemSchema::keep, {}, patterns({"%.%"})).drops_accounts());
}

TEST_CASE("the rule by which something is dropped is known") {
  const TableRules both(SystemSchema::drop, patterns({"tmp.%"}), patterns({"app.%", "mysql.%"}));
  CHECK(both.drops("mysql", "user") == DropRule::system_schema);
  CHECK(both.drops("tmp", "x") == DropRule::ignore);
  CHECK(both.drops("other", "x") == DropRule::only);
  CHECK(both.drops("app", "x") == std::nullopt);
  CHECK(both.drops_schema("tmp") == DropRule::ignore);
  CHECK(both.drops_programs("MySQL") == DropRule::system_schema);
  CHECK(both.drops_programs("other") == DropRule::only);
  CHECK(both.drops_accounts() == DropRule::accounts);
  CHECK(TableRules(SystemSchema::keep, patterns({"mysql.%"}), {}).drops_accounts() ==
        DropRule::ignore);
  CHECK(to_string(DropRule::system_schema) == "system_schema");
}

TEST_CASE("keeping the system schema without patterns drops nothing") {
  CHECK(TableRules(SystemSchema::keep, {}, {}).drops_nothing());
  CHECK_FALSE(TableRules(SystemSchema::keep, patterns({"a.b"}), {}).drops_nothing());
}

}  // namespace
}  // namespace sluice::filters
