// What a client says first: SSLRequest, HandshakeResponse41 (parse_client_handshake_packet in
// sql/auth/sql_authentication.cc).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"

namespace sluice::wire {

/// Connection attributes, in the order of the wire.
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// The value of the first attribute of that name; empty if there is none.
[[nodiscard]] std::string_view find_attribute(const Attributes& attributes, std::string_view name);

/// 32 bytes; the TLS handshake follows at once.
struct SslRequest {
  Capabilities capabilities;
  std::uint32_t max_packet = 0;
  std::uint8_t charset = 0;
  friend bool operator==(const SslRequest&, const SslRequest&) = default;
};

struct LoginRequest {
  Capabilities capabilities;  // as the client sent them, not yet ANDed
  std::uint32_t max_packet = 0;
  std::uint8_t charset = 0;
  std::string user;
  std::string auth_response;
  std::string database;
  std::string auth_plugin;  // empty without PLUGIN_AUTH
  Attributes attributes;
  std::uint8_t zstd_level = 0;  // for what the server sends; 0 without ZSTD
  friend bool operator==(const LoginRequest&, const LoginRequest&) = default;
};

/// nullopt: not an SSLRequest, which is 32 bytes with the SSL bit, but perhaps a LoginRequest.
[[nodiscard]] std::optional<SslRequest> parse_ssl_request(Bytes payload);
void serialize(const SslRequest& request, Buffer& out);

/// Of the attributes the first `max_attributes` are kept: clients have some ten of their own, and
/// empty ones would take 32 times their room on the wire.
constexpr std::size_t max_attributes = 32;

/// @param offered the greeting's bits. The layout follows the bits that both sides have set.
[[nodiscard]] std::optional<LoginRequest> parse_login_request(Bytes payload, Capabilities offered);
/// Lays out by `request.capabilities`, which must not exceed what the server offered.
void serialize(const LoginRequest& request, Buffer& out);

}  // namespace sluice::wire
