// Whose rules count: the service that the replica is part of.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "protocol/wire/server_version.hpp"
#include "proxy/check/requirement.hpp"

namespace sluice::proxy::check {

enum class Cloud : std::uint8_t { azure, rds, cloudsql, mysql, mariadb };

/// What a service demands of a master. The rules are those of its documentation, `source`.
struct CloudRules {
  Cloud cloud;
  std::string_view option;  ///< of --for
  std::string_view name;    ///< for people
  std::string_view source;  ///< where its requirements stand

  /// The oldest master; nullopt: it takes none of that flavour. 0: any that Sluice takes.
  std::optional<wire::VersionNumber> oldest_mysql;
  std::optional<wire::VersionNumber> oldest_mariadb;

  State not_row;         ///< binlog_format that is not ROW
  State half_gtid;       ///< gtid_mode ON_PERMISSIVE or OFF_PERMISSIVE
  State no_primary_key;  ///< tables without one
  State other_engine;    ///< tables not in InnoDB
  unsigned min_retention_hours;
  /// lower_case_table_names of its servers unless they were made otherwise; nullopt: as one likes.
  std::optional<unsigned> lower_case_table_names;
  bool port_3306;          ///< its documentation asks for that port
  bool public_address;     ///< the replica comes over the internet
  bool has_super;          ///< one may have SUPER there, for definers
  bool shows_certificate;  ///< its replicas can have one, as client_ca demands
  bool generates_keys;     ///< sql_generate_invisible_primary_key is ON there unless turned off
  /// Schemas that its servers have of their own; a `%` at the end stands for anything.
  std::span<const std::string_view> own_schemas;
};

[[nodiscard]] const CloudRules& rules_of(Cloud cloud);
/// nullopt: there is no such.
[[nodiscard]] std::optional<Cloud> cloud_of(std::string_view option);

}  // namespace sluice::proxy::check
