// What a server may send between login and OK: AuthSwitchRequest, AuthMoreData.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/bytes.hpp"

namespace sluice::wire {

inline constexpr std::uint8_t auth_more_data_header = 0x01;
inline constexpr std::uint8_t auth_next_factor_header = 0x02;
inline constexpr std::uint8_t auth_switch_header = 0xFE;

/// `0xFE | plugin NUL | data`. A lone 0xFE is the switch to the passwords of 4.0: it reads as the
/// plugin "mysql_old_password" without data.
struct AuthSwitchRequest {
  std::string plugin;
  std::string data;  // nonce, for most plugins with a NUL behind it; raw
  friend bool operator==(const AuthSwitchRequest&, const AuthSwitchRequest&) = default;
};

[[nodiscard]] std::optional<AuthSwitchRequest> parse_auth_switch_request(Bytes payload);
void serialize(const AuthSwitchRequest& request, Buffer& out);

/// `0x01 | data`. The data is the plugin's; the view is into `payload`.
[[nodiscard]] std::optional<std::string_view> parse_auth_more_data(Bytes payload);
void serialize_auth_more_data(std::string_view data, Buffer& out);

}  // namespace sluice::wire
