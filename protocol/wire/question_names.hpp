// The allow-list: every name that a replica may read or set, and who does.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/wire/question.hpp"

namespace sluice::wire {

/// What a value must look like, so that nothing odd reaches the master.
enum class ValueForm : std::uint8_t {
  number,    // digits
  checksum,  // @@global.binlog_checksum, 'NONE' or 'CRC32'
  uuid,      // hexadecimal digits and dashes
  gtids,     // MariaDB's D-S-N,D-S-N
  charset,   // the argument of SET NAMES
};

struct SettingRule {
  Setting setting;
  ValueForm form;
};

/// SET @name.
[[nodiscard]] std::optional<SettingRule> find_user_variable(std::string_view name);
/// SET [SESSION] name.
[[nodiscard]] std::optional<SettingRule> find_session_variable(std::string_view name);

/// SELECT @@name and SHOW VARIABLES LIKE 'name'.
[[nodiscard]] bool is_readable_system_variable(std::string_view name);
/// SELECT @name.
[[nodiscard]] bool is_readable_user_variable(std::string_view name);

[[nodiscard]] bool has_form(std::string_view value, ValueForm form);

}  // namespace sluice::wire
