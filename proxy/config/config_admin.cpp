#include "proxy/config/config_admin.hpp"

#include "protocol/ascii.hpp"
#include "proxy/config/config_credentials.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/config/config_tls.hpp"

namespace sluice::proxy {
namespace {

/// Shorter ones can be guessed.
constexpr std::size_t shortest_token = 16;

/// What a header can carry (RFC 6750, section 2.1).
bool is_token(std::string_view text) {
  constexpr std::string_view others = "-._~+/=";
  for (const char c : text) {
    if (!is_alphanumeric(c) && others.find(c) == std::string_view::npos) return false;
  }
  return true;
}

void read_token(Section& section, auth::Secret& token) {
  std::string path;
  if (!section.file("token_file", path)) return;
  warn_if_world_readable(section, "token_file", path);
  auto secret = read_secret(path);
  if (!secret) {
    section.error("token_file", secret.error().why);
  } else if (secret->reveal().size() < shortest_token) {
    section.error("token_file", "'" + path + "' holds fewer than " +
                                    std::to_string(shortest_token) + " characters");
  } else if (!is_token(secret->reveal())) {
    section.error("token_file", "'" + path +
                                    "' holds other characters than letters, digits and "
                                    "-._~+/=");
  } else {
    token = *std::move(secret);
  }
}

}  // namespace

std::optional<AdminConfig> read_admin(Section& section, TakenNames& taken) {
  AdminConfig admin;
  section.require("listen", "the address for HTTP, such as \"127.0.0.1:9104\"");
  const bool listens = section.parsed("listen", admin.listen, parse_listen_address);
  read_token(section, admin.token);
  section.choice("tap", admin.tap, tap_contents);
  Section tls = section.section("tls");
  read_certificate(tls, admin.cert, admin.key);
  if (!listens) return std::nullopt;
  taken.addresses.emplace_back(admin.listen, section.position("listen"));
  if (admin.tap == TapContent::full && !section.has("token_file")) {
    section.warning("tap",
                    "without token_file everybody on this machine may read statements and rows");
  }
  if (is_reached_from_elsewhere(admin.listen)) {
    if (!section.has("token_file")) {
      section.missing("token_file",
                      "a file with the token that clients send (Authorization: "
                      "Bearer); only a loopback address goes without");
    }
    if (!tls.has("cert") && !tls.has("key")) {
      tls.missing(
          "cert",
          "the certificate that browsers and Prometheus see, with its 'key'; only a loopback "
          "address goes without");
    }
  }
  return admin;
}

bool is_reached_from_elsewhere(const ListenAddress& address) {
  return !is_loopback(address);
}

}  // namespace sluice::proxy
