#include "filters/sql/statement_kind.hpp"

#include <algorithm>
#include <array>

#include "filters/sql/sql_lexer.hpp"

namespace sluice::filters {
namespace {

using Kind = StatementKind;
using Rule = StatementRule;

// Every statement that MySQL 5.6 to 9.7 and MariaDB 10 and 11 write to a binlog, and some that they
// do not (marked "not logged") but a fork or a future version might. What is in no row fails
// closed. Modifiers between verb and object are passed over: OR REPLACE, TEMPORARY, UNIQUE, ONLINE,
// IGNORE, DEFINER = x, ALGORITHM = x, SQL SECURITY x and the like (statement_judge.cpp, modifiers).
//
// Statements over dropped and kept tables: the servers' own rules apply a statement as a whole or
// not at all (sql_parse.cc, mysql_execute_command; Rpl_filter::tables_ok). They ask for the tables
// it changes one after the other, and the first that a pattern names decides. So without `only` one
// dropped table drops it all. MySQL 5.6 to 9.7 and MariaDB 10.11 and 11.8 do the same:
//
//   DROP TABLE, DROP VIEW, DROP SEQUENCE    the tables as listed
//   RENAME TABLE                            old and new names as listed
//   ALTER TABLE                             the table, then the one it is exchanged with; the name
//                                           behind RENAME and those behind CONVERT are not asked
//                                           for: app.a RENAME TO mysql.b is applied
//   UPDATE a, b                             the tables whose columns are SET, in the order of the
//                                           FROM list: the event's table map says which
//   DELETE a, b FROM ..                     the tables deleted from, in the order of the FROM list
//   DROP TEMPORARY TABLE IF EXISTS          not asked for: always applied
//   ANALYZE, OPTIMIZE, REPAIR, FLUSH TABLES the tables as listed
//
// What they would apply although it changes the system schema fails closed: ALTER TABLE .. RENAME
// into it, and with `only` any list whose first table is named by it.
constexpr std::array kinds = {
    // The frequent ones first: the table is searched from the top.
    KindRule{Kind::insert, Rule::table, "INSERT"},
    KindRule{Kind::update, Rule::tables, "UPDATE"},
    KindRule{Kind::delete_rows, Rule::tables, "DELETE"},
    KindRule{Kind::replace, Rule::table, "REPLACE"},
    KindRule{Kind::begin, Rule::keep, "BEGIN"},
    KindRule{Kind::commit, Rule::keep, "COMMIT"},
    KindRule{Kind::rollback, Rule::keep, "ROLLBACK"},
    KindRule{Kind::savepoint, Rule::keep, "SAVEPOINT"},
    KindRule{Kind::release_savepoint, Rule::keep, "RELEASE SAVEPOINT"},
    KindRule{Kind::start, Rule::keep, "START"},
    KindRule{Kind::xa, Rule::keep, "XA"},

    KindRule{Kind::load_data, Rule::table, "LOAD DATA"},
    KindRule{Kind::load_data, Rule::table, "LOAD XML"},
    KindRule{Kind::truncate, Rule::table, "TRUNCATE"},
    // For what a stored function does besides. The servers log it as SELECT `app`.`f`(1); what it
    // changes is not in the text, so it is kept as the servers' own filter keeps it, unless the
    // function itself is dropped.
    KindRule{Kind::select, Rule::keep, "SELECT"},
    KindRule{Kind::select, Rule::keep, "VALUES"},
    KindRule{Kind::select, Rule::keep, "TABLE"},
    KindRule{Kind::do_expression, Rule::keep, "DO"},
    KindRule{Kind::call, Rule::keep, "CALL"},  // not logged: its statements are

    KindRule{Kind::create_table, Rule::table, "CREATE TABLE"},  // LIKE and SELECT only read
    KindRule{Kind::alter_table, Rule::tables, "ALTER TABLE"},   // with RENAME, EXCHANGE, CONVERT
    KindRule{Kind::drop_table, Rule::tables, "DROP TABLE"},
    KindRule{Kind::drop_table, Rule::tables, "DROP TABLES"},
    KindRule{Kind::rename_table, Rule::tables, "RENAME TABLE"},
    KindRule{Kind::rename_table, Rule::tables, "RENAME TABLES"},
    KindRule{Kind::create_index, Rule::table, "CREATE INDEX"},
    KindRule{Kind::drop_index, Rule::table, "DROP INDEX"},
    KindRule{Kind::create_view, Rule::table, "CREATE VIEW"},
    KindRule{Kind::alter_view, Rule::table, "ALTER VIEW"},
    KindRule{Kind::drop_view, Rule::tables, "DROP VIEW"},
    KindRule{Kind::create_sequence, Rule::table, "CREATE SEQUENCE"},
    KindRule{Kind::alter_sequence, Rule::table, "ALTER SEQUENCE"},
    KindRule{Kind::drop_sequence, Rule::tables, "DROP SEQUENCE"},
    KindRule{Kind::create_trigger, Rule::table, "CREATE TRIGGER"},  // the table that fires it
    KindRule{Kind::drop_trigger, Rule::program, "DROP TRIGGER"},    // names no table
    KindRule{Kind::analyze, Rule::maintenance, "ANALYZE"},
    KindRule{Kind::optimize, Rule::maintenance, "OPTIMIZE"},
    KindRule{Kind::repair, Rule::maintenance, "REPAIR"},
    KindRule{Kind::check, Rule::maintenance, "CHECK"},
    KindRule{Kind::import_table, Rule::refuse, "IMPORT TABLE"},  // not logged

    KindRule{Kind::create_database, Rule::schema, "CREATE DATABASE"},
    KindRule{Kind::create_database, Rule::schema, "CREATE SCHEMA"},
    KindRule{Kind::alter_database, Rule::schema, "ALTER DATABASE"},
    KindRule{Kind::alter_database, Rule::schema, "ALTER SCHEMA"},
    KindRule{Kind::drop_database, Rule::schema, "DROP DATABASE"},
    KindRule{Kind::drop_database, Rule::schema, "DROP SCHEMA"},
    KindRule{Kind::create_procedure, Rule::program, "CREATE PROCEDURE"},
    KindRule{Kind::alter_procedure, Rule::program, "ALTER PROCEDURE"},
    KindRule{Kind::drop_procedure, Rule::program, "DROP PROCEDURE"},
    KindRule{Kind::create_function, Rule::program, "CREATE FUNCTION"},
    KindRule{Kind::alter_function, Rule::program, "ALTER FUNCTION"},
    // Unqualified it may as well be a loadable one. Only without a default schema it must be.
    KindRule{Kind::drop_function, Rule::program, "DROP FUNCTION"},
    KindRule{Kind::create_event, Rule::program, "CREATE EVENT"},
    KindRule{Kind::alter_event, Rule::program, "ALTER EVENT"},
    KindRule{Kind::drop_event, Rule::program, "DROP EVENT"},
    KindRule{Kind::create_package, Rule::program, "CREATE PACKAGE"},  // and PACKAGE BODY
    KindRule{Kind::drop_package, Rule::program, "DROP PACKAGE"},
    KindRule{Kind::create_library, Rule::program, "CREATE LIBRARY"},
    KindRule{Kind::alter_library, Rule::program, "ALTER LIBRARY"},
    KindRule{Kind::drop_library, Rule::program, "DROP LIBRARY"},

    KindRule{Kind::create_user, Rule::accounts, "CREATE USER"},
    KindRule{Kind::alter_user, Rule::accounts, "ALTER USER"},
    KindRule{Kind::drop_user, Rule::accounts, "DROP USER"},
    KindRule{Kind::rename_user, Rule::accounts, "RENAME USER"},
    KindRule{Kind::create_role, Rule::accounts, "CREATE ROLE"},
    KindRule{Kind::drop_role, Rule::accounts, "DROP ROLE"},
    KindRule{Kind::grant, Rule::accounts, "GRANT"},
    KindRule{Kind::deny, Rule::accounts, "DENY"},  // MariaDB 13.1
    KindRule{Kind::revoke, Rule::accounts, "REVOKE"},
    KindRule{Kind::set_password, Rule::accounts, "SET PASSWORD"},
    KindRule{Kind::set_default_role, Rule::accounts, "SET DEFAULT ROLE"},
    KindRule{Kind::set_role, Rule::accounts, "SET ROLE"},  // not logged
    // CREATE FUNCTION .. SONAME, told apart by what is behind the name.
    KindRule{Kind::create_loadable_function, Rule::accounts, "CREATE LOADABLE FUNCTION"},
    KindRule{Kind::drop_loadable_function, Rule::accounts, "DROP LOADABLE FUNCTION"},
    KindRule{Kind::install, Rule::accounts, "INSTALL"},      // not logged
    KindRule{Kind::uninstall, Rule::accounts, "UNINSTALL"},  // not logged
    KindRule{Kind::create_server, Rule::accounts, "CREATE SERVER"},
    KindRule{Kind::alter_server, Rule::accounts, "ALTER SERVER"},
    KindRule{Kind::drop_server, Rule::accounts, "DROP SERVER"},
    KindRule{Kind::create_resource_group, Rule::accounts, "CREATE RESOURCE GROUP"},  // not logged
    KindRule{Kind::alter_resource_group, Rule::accounts, "ALTER RESOURCE GROUP"},    // not logged
    KindRule{Kind::drop_resource_group, Rule::accounts, "DROP RESOURCE GROUP"},      // not logged
    KindRule{Kind::set_resource_group, Rule::accounts, "SET RESOURCE GROUP"},        // not logged
    KindRule{Kind::create_masking_policy, Rule::accounts, "CREATE MASKING POLICY"},  // not logged
    KindRule{Kind::drop_masking_policy, Rule::accounts, "DROP MASKING POLICY"},      // not logged
    // FLUSH, when PRIVILEGES or USER_RESOURCES is among its options.
    KindRule{Kind::flush_privileges, Rule::accounts, "FLUSH PRIVILEGES"},

    KindRule{Kind::flush_tables, Rule::maintenance, "FLUSH TABLES"},
    KindRule{Kind::flush_tables, Rule::maintenance, "FLUSH TABLE"},
    KindRule{Kind::flush, Rule::keep, "FLUSH"},
    KindRule{Kind::create_tablespace, Rule::keep, "CREATE TABLESPACE"},
    // Judged apart: that of the system schema is dropped.
    KindRule{Kind::alter_tablespace, Rule::keep, "ALTER TABLESPACE"},
    KindRule{Kind::drop_tablespace, Rule::keep, "DROP TABLESPACE"},
    KindRule{Kind::create_logfile_group, Rule::keep, "CREATE LOGFILE GROUP"},
    KindRule{Kind::alter_logfile_group, Rule::keep, "ALTER LOGFILE GROUP"},
    KindRule{Kind::drop_logfile_group, Rule::keep, "DROP LOGFILE GROUP"},
    // SPATIAL is one of the modifiers. User tables may need the system, so it is kept.
    KindRule{Kind::create_spatial_reference_system, Rule::keep, "CREATE REFERENCE SYSTEM"},
    KindRule{Kind::drop_spatial_reference_system, Rule::keep, "DROP REFERENCE SYSTEM"},
    KindRule{Kind::create_compression_dictionary, Rule::keep, "CREATE COMPRESSION_DICTIONARY"},
    KindRule{Kind::drop_compression_dictionary, Rule::keep, "DROP COMPRESSION_DICTIONARY"},
    KindRule{Kind::alter_instance, Rule::keep, "ALTER INSTANCE"},
    KindRule{Kind::lock, Rule::keep, "LOCK"},           // not logged
    KindRule{Kind::unlock, Rule::keep, "UNLOCK"},       // not logged
    KindRule{Kind::set_variable, Rule::refuse, "SET"},  // not logged; a password may be in the list
    KindRule{Kind::binlog, Rule::refuse, "BINLOG"},     // not logged; holds row events

    KindRule{Kind::empty, Rule::keep, "(empty)"},
    KindRule{Kind::unknown, Rule::refuse, "(unknown)"},
};

/// The first row of each kind.
constexpr auto first_rows = [] {
  std::array<std::uint8_t, static_cast<std::size_t>(Kind::binlog) + 1> rows{};
  for (std::size_t i = kinds.size(); i-- > 0;) {
    rows[static_cast<std::size_t>(kinds[i].kind)] = static_cast<std::uint8_t>(i);
  }
  return rows;
}();

// Cheaper than a comparison that ends at the first letter. Tells more letters apart than not.
bool same_letter(char a, char b) {
  return (a | 0x20) == (b | 0x20);
}

/// Takes the first word off. It is empty if there was none.
std::string_view next_word(std::string_view& words) {
  const auto word = words.substr(0, words.find(' '));
  words.remove_prefix(std::min(words.size(), word.size() + 1));
  return word;
}

bool matches(std::string_view words, std::string_view verb, std::string_view object) {
  if (!equal_ignoring_case(next_word(words), verb)) return false;
  return words.empty() || equal_ignoring_case(next_word(words), object);
}

}  // namespace

const KindRule* find_kind(std::string_view verb, std::string_view object) {
  if (verb.empty()) return nullptr;
  for (const KindRule& row : kinds) {
    if (same_letter(row.words.front(), verb.front()) && matches(row.words, verb, object)) {
      return &row;
    }
  }
  return nullptr;
}

const KindRule& rule_of(StatementKind kind) {
  return kinds[first_rows[static_cast<std::size_t>(kind)]];
}

std::string_view to_string(StatementKind kind) {
  return rule_of(kind).words;
}

}  // namespace sluice::filters
