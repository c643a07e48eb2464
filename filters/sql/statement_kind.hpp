// The kinds of statements that a binlog can hold, and the rule that each is judged by. The table is
// in statement_kind.cpp.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::filters {

enum class StatementKind : std::uint8_t {
  unknown,  ///< the verb is in no row of the table: fails closed
  empty,    ///< nothing but comments
  // Rows
  insert,
  replace,
  update,
  delete_rows,
  load_data,
  select,
  do_expression,
  call,
  truncate,
  // Tables, views and what hangs on them
  create_table,
  alter_table,
  drop_table,
  rename_table,
  create_index,
  drop_index,
  create_view,
  alter_view,
  drop_view,
  create_sequence,
  alter_sequence,
  drop_sequence,
  create_trigger,
  drop_trigger,
  analyze,
  optimize,
  repair,
  check,
  import_table,
  // Schemas and stored programs
  create_database,
  alter_database,
  drop_database,
  create_procedure,
  alter_procedure,
  drop_procedure,
  create_function,
  alter_function,
  drop_function,
  create_event,
  alter_event,
  drop_event,
  create_package,
  drop_package,
  create_library,
  alter_library,
  drop_library,
  // Accounts, and what else lives in the system schema
  create_user,
  alter_user,
  drop_user,
  rename_user,
  create_role,
  drop_role,
  grant,
  deny,
  revoke,
  set_password,
  set_default_role,
  set_role,
  create_loadable_function,
  drop_loadable_function,
  install,
  uninstall,
  create_server,
  alter_server,
  drop_server,
  create_resource_group,
  alter_resource_group,
  drop_resource_group,
  set_resource_group,
  create_masking_policy,
  drop_masking_policy,
  flush_privileges,
  // Neither table nor account
  flush,
  flush_tables,
  create_tablespace,
  alter_tablespace,
  drop_tablespace,
  create_logfile_group,
  alter_logfile_group,
  drop_logfile_group,
  create_spatial_reference_system,
  drop_spatial_reference_system,
  create_compression_dictionary,
  drop_compression_dictionary,
  alter_instance,
  lock,
  unlock,
  start,
  begin,
  commit,
  rollback,
  savepoint,
  release_savepoint,
  xa,
  set_variable,
  binlog,
};

/// How a kind is judged.
enum class StatementRule : std::uint8_t {
  keep,         ///< it changes nothing that the rules know
  accounts,     ///< TableRules::drops_accounts
  schema,       ///< TableRules::drops_schema of the database it names
  program,      ///< TableRules::drops_programs of the schema it lies in; its body is not looked at
  table,        ///< TableRules::drops of the one table it changes
  tables,       ///< the first of those it changes that a rule names decides on all of it
  maintenance,  ///< the same, but nothing is lost with it: where it fails closed it is dropped
  refuse,       ///< what it changes is not in its text
};

struct KindRule {
  StatementKind kind;
  StatementRule rule;
  /// The verb, then the object behind the verb's modifiers. No object: whatever follows. A third
  /// word is for the reader only.
  std::string_view words;
};

/// The first row for these keywords, nullptr if there is none. Any case; `object` may be empty.
[[nodiscard]] const KindRule* find_kind(std::string_view verb, std::string_view object);
[[nodiscard]] const KindRule& rule_of(StatementKind kind);

/// For logs: "CREATE USER".
[[nodiscard]] std::string_view to_string(StatementKind kind);

}  // namespace sluice::filters
