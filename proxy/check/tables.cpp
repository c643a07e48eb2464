#include "proxy/check/tables.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "proxy/base/json_object.hpp"
#include "proxy/base/list_text.hpp"
#include "proxy/check/statements.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view key_manual = "dev.mysql.com/doc/refman/8.4/en/create-table-gipks.html";

/// A replica that is attached runs the same statement, and gives other rows the same numbers.
constexpr std::array about_new_keys{
    "-- before the dump is made: each server numbers the rows in an order of its own. With a",
    "-- replica attached, copy them into a new table that has the key (binlog_format = ROW).",
    "-- If there is a column id, take another name; if one is AUTO_INCREMENT, make it the key:"};

using Tables = std::vector<const TableFacts*>;

Tables select(const SchemaFacts& schemas, const std::function<bool(const TableFacts&)>& wanted) {
  Tables selected;
  for (const TableFacts& table : schemas.tables) {
    if (wanted(table)) selected.push_back(&table);
  }
  return selected;
}

std::string of_tables(const Tables& some, const SchemaFacts& schemas) {
  return std::to_string(some.size()) + " of " + std::to_string(schemas.tables.size()) + " tables";
}

/// A line for each of the first tables, and how many more there are.
Lines listed(const Tables& tables, const std::function<std::string(const TableFacts&)>& line) {
  Lines lines;
  for (const TableFacts* table : tables) {
    if (lines.size() == most_listed) {
      lines.push_back("-- and " + std::to_string(tables.size() - most_listed) + " more");
      break;
    }
    lines.push_back(line(*table));
  }
  return lines;
}

std::string full_name(const TableFacts& table) {
  return quoted_name(table.schema) + "." + quoted_name(table.name);
}

/// Columns that SELECT * does not show: MySQL from 8.0.23, MariaDB from 10.3 on.
bool has_invisible_columns(const ServerFacts& server) {
  return server.is_mariadb() ? server.version.at_least(10, 3) : server.version.at_least(8, 0, 23);
}

Requirement judge_keys(const SchemaFacts& schemas, const ServerFacts& master,
                       const ServerFacts* replica, filters::Reaction reaction,
                       const CloudRules& cloud) {
  const Tables keyless =
      select(schemas, [](const TableFacts& table) { return !table.primary_key; });
  Requirement found{"primary keys", State::ok, {}, {}, cloud.source};
  if (keyless.empty()) {
    found.reason = "all " + std::to_string(schemas.tables.size()) + " tables have one";
    return found;
  }
  found.reason =
      of_tables(keyless, schemas) + " have none: each row costs the replica a table scan";
  found.state = cloud.no_primary_key;
  if (replica != nullptr && replica->is_on("sql_require_primary_key")) {
    found.state = State::fail;
    found.reason += ", and it has sql_require_primary_key=ON";
  } else if (reaction == filters::Reaction::refuse) {
    found.state = State::fail;
    found.reason += "; [relay.requirements] refuses them";
  }
  const std::string invisible = has_invisible_columns(master) ? " INVISIBLE" : "";
  found.remedy = listed(keyless, [&invisible](const TableFacts& table) {
    // A column that counts cannot be added to rows of the past (error 1112).
    if (table.versioned) {
      return "-- " + full_name(table) + " is system-versioned: make a key of columns that it has," +
             " after SET SESSION system_versioning_alter_history = KEEP";
    }
    return "ALTER TABLE " + full_name(table) + " ADD COLUMN id BIGINT UNSIGNED NOT NULL" +
           " AUTO_INCREMENT PRIMARY KEY" + invisible + ";";
  });
  found.remedy.insert(found.remedy.begin(), std::begin(about_new_keys), std::end(about_new_keys));
  return found;
}

Requirement judge_engines(const SchemaFacts& schemas, filters::Reaction reaction,
                          const CloudRules& cloud) {
  const Tables others = select(schemas, [](const TableFacts& table) {
    return !table.engine.empty() && table.engine != "InnoDB";
  });
  Requirement found{"InnoDB", State::ok, {}, {}, cloud.source};
  if (others.empty()) {
    found.reason = "all " + std::to_string(schemas.tables.size()) + " tables";
    return found;
  }
  found.state = reaction == filters::Reaction::refuse ? State::fail : cloud.other_engine;
  found.reason = of_tables(others, schemas) + " are in " + others.front()->engine;
  const bool mixed = std::ranges::any_of(others, [&others](const TableFacts* table) {
    return table->engine != others.front()->engine;
  });
  if (mixed) found.reason += " and others";
  found.reason += ", without transactions: a crash leaves half a statement on one side";
  found.remedy = listed(others, [](const TableFacts& table) {
    return "ALTER TABLE " + full_name(table) + " ENGINE = InnoDB;";
  });
  return found;
}

/// MySQL from 8.0 on, MariaDB from 10.5.2 on. Before, CHANGE wants the whole definition.
Lines rename_row_ids(const Tables& named, const ServerFacts& master) {
  const bool renames =
      master.is_mariadb() ? master.version.at_least(10, 5, 2) : master.version.at_least(8, 0);
  Lines lines = listed(named, [renames](const TableFacts& table) {
    return "ALTER TABLE " + full_name(table) +
           (renames ? " RENAME COLUMN my_row_id TO row_id;" : " CHANGE my_row_id row_id ...;");
  });
  if (!renames) {
    lines.insert(lines.begin(), "-- with the column's type, as SHOW CREATE TABLE has it, for ...:");
  }
  return lines;
}

/// my_row_id: MySQL 8.0.30 and later make it up for tables without a primary key, if told to. A
/// replica that is not known is taken for one of the master's version.
Requirement judge_generated_keys(const SchemaFacts& schemas, const ServerFacts& master,
                                 const ServerFacts* replica, const CloudRules& cloud) {
  constexpr std::string_view setting = "sql_generate_invisible_primary_key";
  Requirement found{"generated keys", State::ok, "none", {}, key_manual};
  const ServerFacts& other = replica == nullptr ? master : *replica;
  const bool there = replica != nullptr && replica->find(setting) != nullptr
                         ? replica->is_on(setting)
                         : cloud.generates_keys && other.is_mysql(8, 0, 30);
  const Tables named = select(schemas, [](const TableFacts& table) {
    return table.has_row_id_column && !table.primary_key;
  });
  const Tables keyless =
      select(schemas, [](const TableFacts& table) { return !table.primary_key; });
  const Tables generated =
      select(schemas, [](const TableFacts& table) { return table.generated_key; });
  if (there && !named.empty()) {
    found.state = State::fail;
    found.reason = of_tables(named, schemas) +
                   " have a column my_row_id of their own, and the replica wants that name for its "
                   "generated primary key";
    found.remedy = rename_row_ids(named, master);
  } else if (there && !keyless.empty()) {
    found.state = State::warn;
    found.reason = "the replica makes up a primary key for each of " + of_tables(keyless, schemas) +
                   ": one that is added here later fails there";
    found.remedy = {
        "-- on the replica, before anything is restored, or give the tables keys first:"};
    append(found.remedy, set_on_replica(cloud, replica, setting, "OFF"));
  } else if (!generated.empty()) {
    found.reason = of_tables(generated, schemas) +
                   " have one: dump without --skip-generated-invisible-primary-key";
  }
  return found;
}

/// A slip in a pattern lets out what it was to keep in, or keeps in what it was to let out.
Findings judge_patterns(const SchemaFacts& schemas) {
  Findings found;
  for (const PatternFacts& facts : schemas.patterns) {
    const std::string& text = facts.pattern.text();
    Requirement one{std::string(facts.key), State::ok, {}, {}, "Sluice"};
    one.reason = text + " names " + std::to_string(facts.tables) +
                 (facts.tables == 1 ? " table" : " tables");
    // Those of the system schema are not counted.
    if (facts.tables == 0 &&
        !facts.pattern.matches_within("mysql", filters::NameCase::insensitive)) {
      one.state = State::warn;
      one.reason = text + " names no table that is there now";
      one.remedy = {"# mend it in [relay.filter], or leave it out; the names that there are:",
                    "SELECT table_schema, table_name FROM information_schema.tables;"};
      if (facts.in_other_case > 0) {
        one.reason += "; in other capitals and small letters it would name " +
                      std::to_string(facts.in_other_case) +
                      ", and with lower_case_table_names=0 they count";
      }
    }
    found.push_back(std::move(one));
  }
  return found;
}

bool is_own(std::string_view schema, const CloudRules& cloud) {
  return std::ranges::any_of(cloud.own_schemas, [schema](std::string_view own) {
    if (own.ends_with('%')) return schema.starts_with(own.substr(0, own.size() - 1));
    return schema == own;
  });
}

Requirement judge_schema_names(const SchemaFacts& schemas, const CloudRules& cloud) {
  Requirement found{"schema names", State::ok, {}, {}, cloud.source};
  const std::size_t number = schemas.schemas.size();
  found.reason = std::to_string(number) + (number == 1 ? " schema" : " schemas");
  std::string taken;
  JsonList patterns;  // as TOML has them, too
  for (const std::string& schema : schemas.schemas) {
    if (!is_own(schema, cloud)) continue;
    add_to_list(taken, schema);
    patterns.text(schema + ".%");
  }
  if (taken.empty()) return found;
  found.state = State::fail;
  found.reason = taken + ": " + std::string(cloud.name) + " has that of its own";
  found.remedy = {"# rename it, or leave it out:", "[relay.filter]",
                  "ignore = " + patterns.finish()};
  return found;
}

}  // namespace

Findings judge_tables(const SchemaFacts& schemas, const ServerFacts& master,
                      const ServerFacts* replica, const filters::TableRequirements& required,
                      const CloudRules& cloud) {
  Findings found = judge_patterns(schemas);
  found.push_back(judge_keys(schemas, master, replica, required.primary_key, cloud));
  found.push_back(judge_engines(schemas, required.innodb, cloud));
  found.push_back(judge_generated_keys(schemas, master, replica, cloud));
  found.push_back(judge_schema_names(schemas, cloud));
  return found;
}

}  // namespace sluice::proxy::check
