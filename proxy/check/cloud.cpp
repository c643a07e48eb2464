#include "proxy/check/cloud.hpp"

#include <algorithm>
#include <array>

namespace sluice::proxy::check {
namespace {

constexpr std::array<std::string_view, 3> schemas_of_mysql{"sys", "ndbinfo",
                                                           "mysql_innodb_cluster_metadata"};
constexpr std::array<std::string_view, 1> schemas_of_mariadb{"sys"};
/// `innodb` and `tmp` are on instances that began as 5.5 or 5.6.
constexpr std::array<std::string_view, 5> schemas_of_rds{"sys", "innodb", "tmp", "rdsadmin%",
                                                         "mysql_innodb_cluster_metadata"};

constexpr std::array<CloudRules, 5> clouds{{
    {.cloud = Cloud::azure,
     .option = "azure",
     .name = "Azure Database for MySQL Flexible Server",
     .source = "learn.microsoft.com/azure/mysql/flexible-server/concepts-data-in-replication",
     .oldest_mysql = wire::VersionNumber{5, 7, 0},
     .oldest_mariadb = std::nullopt,
     .not_row = State::warn,
     .half_gtid = State::warn,
     .no_primary_key = State::warn,
     .other_engine = State::fail,
     .min_retention_hours = 24,
     .lower_case_table_names = 1,
     .port_3306 = true,
     .public_address = true,
     .has_super = false,
     .shows_certificate = false,
     .generates_keys = true,
     .own_schemas = schemas_of_mysql},
    {.cloud = Cloud::rds,
     .option = "rds",
     .name = "Amazon RDS",
     .source = "docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
               "MySQL.Procedural.Importing.External.Repl.html",
     .oldest_mysql = wire::VersionNumber{5, 6, 0},
     .oldest_mariadb = wire::VersionNumber{10, 0, 24},
     .not_row = State::warn,
     .half_gtid = State::warn,
     .no_primary_key = State::warn,
     .other_engine = State::warn,
     .min_retention_hours = 24,
     .lower_case_table_names = 0,
     .port_3306 = false,
     .public_address = true,
     .has_super = false,
     .shows_certificate = false,
     .generates_keys = false,
     .own_schemas = schemas_of_rds},
    {.cloud = Cloud::cloudsql,
     .option = "cloudsql",
     .name = "Cloud SQL for MySQL",
     .source = "cloud.google.com/database-migration/docs/mysql/configure-source-database",
     .oldest_mysql = wire::VersionNumber{5, 6, 0},
     .oldest_mariadb = std::nullopt,
     .not_row = State::fail,
     .half_gtid = State::fail,
     .no_primary_key = State::warn,
     .other_engine = State::fail,
     .min_retention_hours = 7 * 24,
     .lower_case_table_names = 0,
     .port_3306 = false,
     .public_address = true,
     .has_super = false,
     .shows_certificate = true,
     .generates_keys = false,
     .own_schemas = schemas_of_mysql},
    {.cloud = Cloud::mysql,
     .option = "mysql",
     .name = "MySQL",
     .source = "dev.mysql.com/doc/refman/8.4/en/replication-features.html",
     .oldest_mysql = wire::VersionNumber{},
     .oldest_mariadb = std::nullopt,
     .not_row = State::warn,
     .half_gtid = State::warn,
     .no_primary_key = State::warn,
     .other_engine = State::warn,
     .min_retention_hours = 24,
     .lower_case_table_names = std::nullopt,
     .port_3306 = false,
     .public_address = false,
     .has_super = true,
     .shows_certificate = true,
     .generates_keys = false,
     .own_schemas = schemas_of_mysql},
    {.cloud = Cloud::mariadb,
     .option = "mariadb",
     .name = "MariaDB",
     .source = "mariadb.com/kb/en/replication-overview",
     .oldest_mysql = wire::VersionNumber{},
     .oldest_mariadb = wire::VersionNumber{},
     .not_row = State::warn,
     .half_gtid = State::warn,
     .no_primary_key = State::warn,
     .other_engine = State::warn,
     .min_retention_hours = 24,
     .lower_case_table_names = std::nullopt,
     .port_3306 = false,
     .public_address = false,
     .has_super = true,
     .shows_certificate = true,
     .generates_keys = false,
     .own_schemas = schemas_of_mariadb},
}};

}  // namespace

const CloudRules& rules_of(Cloud cloud) {
  return *std::ranges::find(clouds, cloud, &CloudRules::cloud);
}

std::optional<Cloud> cloud_of(std::string_view option) {
  const auto* found = std::ranges::find(clouds, option, &CloudRules::option);
  if (found == clouds.end()) return std::nullopt;
  return found->cloud;
}

}  // namespace sluice::proxy::check
