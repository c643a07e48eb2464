#include "proxy/check/schema_facts.hpp"

#include <map>

#include "filters/rules/table_rules.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::uint16_t events_db_error = 1577;

/// `sys` is the server's own where it comes with it.
std::string own_schemas(const ServerFacts& server) {
  const bool has_sys =
      server.is_mariadb() ? server.version.at_least(10, 6) : server.version.at_least(5, 7, 7);
  return std::string("('mysql', 'information_schema', 'performance_schema', 'ndbinfo'") +
         (has_sys ? ", 'sys')" : ")");
}

std::string value(const wire::Row& row, std::size_t at) {
  return at < row.size() && row[at] ? *row[at] : std::string();
}

/// Asks the questions of one server, up to the first that fails.
class SchemaReader {
 public:
  SchemaReader(SqlClient& client, const ServerFacts& server, const filters::TableRules& rules)
      : client_(client), own_(own_schemas(server)), rules_(rules) {
    for (const auto& pattern : rules.ignore()) facts_.patterns.push_back({"ignore", pattern});
    for (const auto& pattern : rules.only()) facts_.patterns.push_back({"only", pattern});
  }

  boost::system::result<SchemaFacts, QueryError> read() {
    read_schemas();
    read_tables();
    if (error_) return *error_;
    return std::move(facts_);
  }

  boost::system::result<std::vector<ProgramFacts>, QueryError> read_programs() {
    ask_for_programs("'view', table_schema, table_name, definer, ''", "views", "table_schema");
    ask_for_programs("LOWER(routine_type), routine_schema, routine_name, definer, ''", "routines",
                     "routine_schema");
    ask_for_programs("'trigger', trigger_schema, trigger_name, definer, ''", "triggers",
                     "trigger_schema");
    ask_for_programs("'event', event_schema, event_name, definer, status", "events",
                     "event_schema");
    // No event can run: MariaDB with event_scheduler=DISABLED says so.
    if (error_ && error_->code == events_db_error) error_.reset();
    if (error_) return *error_;
    return std::move(programs_);
  }

 private:
  template <typename Function>
  void each_row(const std::string& question, Function use) {
    if (error_) return;
    const auto answer = client_.query(question);
    if (!answer) {
      error_ = answer.error();
      return;
    }
    for (const auto& row : answer->rows) use(row);
  }

  void read_schemas() {
    each_row("SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN " +
                 own_ + " ORDER BY schema_name",
             [this](const wire::Row& row) {
               if (!rules_.drops_schema(value(row, 0))) facts_.schemas.push_back(value(row, 0));
             });
  }

  // The keys are asked for apart: 5.6 joins these tables by reading all files again for each row.
  void read_tables() {
    std::set<std::string> keyed;
    each_row(
        "SELECT table_schema, table_name FROM information_schema.statistics WHERE index_name = "
        "'PRIMARY' AND seq_in_index = 1 AND table_schema NOT IN " +
            own_,
        [&keyed](const wire::Row& row) {
          keyed.insert(filters::table_text(value(row, 0), value(row, 1)));
        });
    std::map<std::string, bool> row_ids;  // whether MySQL has made it
    each_row(
        "SELECT table_schema, table_name, extra FROM information_schema.columns WHERE column_name "
        "= 'my_row_id' AND table_schema NOT IN " +
            own_,
        [&row_ids](const wire::Row& row) {
          const bool invisible = value(row, 2).find("INVISIBLE") != std::string::npos;
          row_ids.emplace(filters::table_text(value(row, 0), value(row, 1)), invisible);
        });
    each_row(
        "SELECT table_schema, table_name, engine, table_type FROM information_schema.tables WHERE "
        "table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_schema NOT IN " +
            own_ + " ORDER BY table_schema, table_name",
        [&, this](const wire::Row& row) {
          count_patterns(value(row, 0), value(row, 1));
          if (rules_.drops(value(row, 0), value(row, 1))) return;
          TableFacts table{value(row, 0), value(row, 1), value(row, 2)};
          table.primary_key = keyed.contains(table.text());
          table.versioned = value(row, 3) == "SYSTEM VERSIONED";
          if (const auto found = row_ids.find(table.text()); found != row_ids.end()) {
            table.generated_key = found->second && table.primary_key;
            table.has_row_id_column = !table.generated_key;
          }
          facts_.tables.push_back(std::move(table));
        });
  }

  void count_patterns(const std::string& schema, const std::string& table) {
    for (PatternFacts& facts : facts_.patterns) {
      const auto matches = [&](filters::NameCase names) {
        return facts.pattern.matches(schema, table, names) ? std::size_t{1} : std::size_t{0};
      };
      facts.tables += matches(rules_.names());
      facts.in_other_case += matches(filters::NameCase::insensitive);
    }
  }

  void ask_for_programs(const std::string& what, const std::string& from,
                        const std::string& schema) {
    each_row("SELECT " + what + " FROM information_schema." + from + " WHERE " + schema +
                 " NOT IN " + own_ + " ORDER BY 2, 3",
             [this](const wire::Row& row) {
               if (rules_.drops_programs(value(row, 1))) return;
               programs_.push_back({value(row, 0), value(row, 1), value(row, 2), value(row, 3),
                                    value(row, 4) == "ENABLED"});
             });
  }

  SqlClient& client_;
  std::string own_;
  const filters::TableRules& rules_;
  SchemaFacts facts_;
  std::vector<ProgramFacts> programs_;
  std::optional<QueryError> error_;
};

}  // namespace

std::vector<std::string> missing_for_tables(const Grants& grants) {
  const auto lacking = grants.lacks("SELECT");
  return lacking ? std::vector{*lacking} : std::vector<std::string>();
}

/// Routines are shown to those who may read the system schema, or from MySQL 8.0.20 on have
/// SHOW_ROUTINE.
std::vector<std::string> missing_for_programs(const ServerFacts& server, const Grants& grants) {
  std::vector<std::string> missing;
  for (const std::string_view privilege : {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"}) {
    if (auto lacking = grants.lacks(privilege)) missing.push_back(*std::move(lacking));
  }
  if (server.is_mysql(8, 0, 20) && !grants.has("SELECT") && !grants.has("SHOW_ROUTINE")) {
    missing.emplace_back("SHOW_ROUTINE");
  }
  return missing;
}

boost::system::result<SchemaFacts, QueryError> ask_for_schemas(SqlClient& client,
                                                               const ServerFacts& server,
                                                               const filters::TableRules& rules) {
  // MySQL can be told to hide the keys that it makes up.
  constexpr std::string_view shown = "show_gipk_in_create_table_and_information_schema";
  if (server.find(shown) != nullptr && !server.is_on(shown)) {
    const auto answer = client.query("SET SESSION " + std::string(shown) + " = ON");
    if (!answer) return answer.error();
  }
  return SchemaReader(client, server, rules).read();
}

boost::system::result<std::vector<ProgramFacts>, QueryError> ask_for_programs(
    SqlClient& client, const ServerFacts& server, const filters::TableRules& rules) {
  return SchemaReader(client, server, rules).read_programs();
}

boost::system::result<Accounts, QueryError> ask_for_accounts(SqlClient& client,
                                                             const ServerFacts& server) {
  std::string_view is_role = "0";
  if (server.is_mariadb()) is_role = "is_role = 'Y'";
  // Nothing else marks one: CREATE ROLE makes an account that nobody can log in to.
  if (server.is_mysql(8, 0)) {
    is_role = "account_locked = 'Y' AND password_expired = 'Y' AND authentication_string = ''";
  }
  const auto answer =
      client.query("SELECT user, host, " + std::string(is_role) + " FROM mysql.user");
  if (!answer) return answer.error();
  Accounts accounts;
  for (const auto& row : answer->rows) {
    const bool role = value(row, 2) == "1";
    const bool nameless_host = role && server.is_mariadb();
    (role ? accounts.roles : accounts.users)
        .insert(nameless_host ? value(row, 0) : value(row, 0) + "@" + value(row, 1));
  }
  return accounts;
}

boost::system::result<Grants, QueryError> ask_for_grants(SqlClient& client) {
  const auto answer = client.query("SHOW GRANTS");
  if (!answer) return answer.error();
  std::vector<std::string> lines;
  for (const auto& row : answer->rows) lines.push_back(value(row, 0));
  return parse_grants(lines);
}

}  // namespace sluice::proxy::check
