// What is in a server's schemas, as far as replication is concerned.
#pragma once

#include <boost/system/result.hpp>
#include <set>
#include <string>
#include <vector>

#include "filters/rules/table_rules.hpp"
#include "filters/rules/table_text.hpp"
#include "proxy/check/grants.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::proxy::check {

struct TableFacts {
  std::string schema;
  std::string name;
  std::string engine;
  bool primary_key = true;
  bool generated_key = false;  ///< its primary key is an invisible my_row_id that MySQL has made
  bool has_row_id_column = false;  ///< a my_row_id that somebody else has made
  bool versioned = false;          ///< MariaDB's, WITH SYSTEM VERSIONING

  [[nodiscard]] std::string text() const { return filters::table_text(schema, name); }
};

/// A view, routine, trigger or event.
struct ProgramFacts {
  std::string kind;
  std::string schema;
  std::string name;
  std::string definer;   ///< user@host
  bool enabled = false;  ///< an event that runs

  [[nodiscard]] std::string text() const { return filters::table_text(schema, name); }
};

/// A pattern of [relay.filter], and how many tables it names.
struct PatternFacts {
  std::string_view key;  ///< "ignore", "only"
  filters::TablePattern pattern;
  std::size_t tables = 0;
  std::size_t in_other_case = 0;  ///< that it would name if letters' case did not matter
};

struct SchemaFacts {
  std::vector<std::string> schemas;      ///< that the server has not made itself
  std::vector<TableFacts> tables;        ///< of these
  std::vector<PatternFacts> patterns{};  ///< all of the rules, in their order
};

struct Accounts {
  std::set<std::string> users;  ///< user@host
  std::set<std::string> roles;  ///< user@host, in MariaDB a name: as definers have them

  [[nodiscard]] bool has(const std::string& definer) const {
    return users.contains(definer) || roles.contains(definer);
  }
};

/// The privileges that are needed to see something and that the account lacks, here or there.
[[nodiscard]] std::vector<std::string> missing_for_tables(const Grants& grants);
[[nodiscard]] std::vector<std::string> missing_for_programs(const ServerFacts& server,
                                                            const Grants& grants);

/// Asks information_schema. What `rules` drop is left out: replicas never see it.
[[nodiscard]] boost::system::result<SchemaFacts, QueryError> ask_for_schemas(
    SqlClient& client, const ServerFacts& server, const filters::TableRules& rules);
/// The same of views, routines, triggers and events.
[[nodiscard]] boost::system::result<std::vector<ProgramFacts>, QueryError> ask_for_programs(
    SqlClient& client, const ServerFacts& server, const filters::TableRules& rules);

/// The error: mysql.user may not be read.
[[nodiscard]] boost::system::result<Accounts, QueryError> ask_for_accounts(
    SqlClient& client, const ServerFacts& server);

/// SHOW GRANTS of the session's account.
[[nodiscard]] boost::system::result<Grants, QueryError> ask_for_grants(SqlClient& client);

}  // namespace sluice::proxy::check
