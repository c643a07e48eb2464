// The server's greeting: protocol 10 (sql/auth/sql_authentication.cc,
// send_server_handshake_packet).
#pragma once

#include <optional>
#include <string>

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"

namespace sluice::wire {

inline constexpr std::size_t nonce_size = 20;
/// Of a version or a plugin's name, in bytes: they are kept, and told to whoever connects. Servers
/// have SERVER_VERSION_LENGTH, 60, and NAME_CHAR_LEN, 64.
inline constexpr std::size_t max_greeting_text = 255;

struct Greeting {
  std::string server_version;  // verbatim, with MariaDB's "5.5.5-" if it is there
  std::uint32_t thread_id = 0;
  std::string nonce;  // 20 bytes, without the NUL that ends it on the wire
  Capabilities capabilities;
  std::uint8_t charset = 0;
  std::uint16_t status = 0;
  std::string auth_plugin;

  /// A server of MariaDB shows itself by a clear CLIENT_MYSQL bit, since 10.2; older ones by name.
  [[nodiscard]] bool is_mariadb() const {
    return !capabilities.has(Capability::long_password) ||
           server_version.find("MariaDB") != std::string::npos;
  }
  friend bool operator==(const Greeting&, const Greeting&) = default;
};

/// Nothing where it is malformed or has a text of more than max_greeting_text.
[[nodiscard]] std::optional<Greeting> parse_greeting(Bytes payload);
/// Appends the payload. The nonce must have 20 bytes, none of them NUL.
void serialize(const Greeting& greeting, Buffer& out);

}  // namespace sluice::wire
