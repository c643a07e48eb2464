// The whole configuration as plain structs, and its loader. conf/sluice.toml explains every key;
// the defaults here are the ones it names.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "filters/rules/networks.hpp"
#include "filters/rules/reaction.hpp"
#include "filters/rules/table_rules.hpp"
#include "filters/stream/payload_limit.hpp"
#include "protocol/auth/account.hpp"
#include "protocol/auth/secret.hpp"
#include "protocol/wire/compression.hpp"
#include "proxy/log/log_settings.hpp"

namespace sluice::proxy {

using Duration = std::chrono::milliseconds;

/// Oldest TLS version a leg accepts. In the order of age, so that they compare.
enum class TlsVersion : std::uint8_t { tls_1_0, tls_1_1, tls_1_2, tls_1_3 };

/// Towards the master, in the order of strictness. The names are those of MySQL's --ssl-mode.
enum class MasterTlsMode : std::uint8_t {
  disabled,
  required,         ///< encrypted, whoever it is at the other end
  verify_ca,        ///< the certificate comes from a trusted authority
  verify_identity,  ///< and names the host that was asked for
};

/// Towards the replicas: what happens to a login without TLS.
enum class ReplicaTlsMode : std::uint8_t {
  disabled,  ///< TLS is not offered
  optional,  ///< offered; a plain login is let in too
  required,  ///< a plain login is refused with ERR 3159
};

using filters::Reaction;

/// A numeric address and a port to listen on.
struct ListenAddress {
  std::string address;  ///< "0.0.0.0", "::1": without brackets, as asio::ip::make_address reads it
  std::uint16_t port = 0;

  bool operator==(const ListenAddress&) const = default;
};

/// Where replicas find a relay from outside: a name or address, and a port.
struct PublicAddress {
  std::string host;  ///< without brackets
  std::uint16_t port = 3306;

  bool operator==(const PublicAddress&) const = default;
};

/// `compression` of a leg, and the levels to compress with. Towards the master Sluice takes the
/// first that the master has; a replica takes which it likes.
struct LegCompression {
  std::vector<wire::Compression> algorithms;
  int zlib_level = wire::zlib_default_level;
  int zstd_level = wire::zstd_default_level;

  bool operator==(const LegCompression&) const = default;
  [[nodiscard]] wire::CompressionSetting setting(wire::Compression algorithm) const {
    return {algorithm, algorithm == wire::Compression::zstd ? zstd_level : zlib_level};
  }
};

/// [relay.master.tls]. Paths are absolute or relative to the working directory by now.
struct MasterTls {
  MasterTlsMode mode = MasterTlsMode::verify_identity;
  std::string ca;    ///< PEM file; empty: the system's store
  std::string cert;  ///< client certificate (PEM, with its chain), with `key`; empty: none
  std::string key;
  TlsVersion min_version = TlsVersion::tls_1_2;

  bool operator==(const MasterTls&) const = default;
};

/// [relay.master]: this leg, Sluice is the replica.
struct MasterConfig {
  std::string host;
  std::uint16_t port = 3306;
  std::string user;
  auth::Secret password;
  Duration connect_timeout = std::chrono::seconds(10);  ///< name lookup to login
  LegCompression compression;
  MasterTls tls;
};

/// [relay.replica.tls]
struct ReplicaTls {
  ReplicaTlsMode mode = ReplicaTlsMode::required;
  std::string cert;       ///< PEM with its chain; not empty unless mode is disabled
  std::string key;        ///< PEM; not empty unless mode is disabled
  std::string client_ca;  ///< not empty: a client certificate from this authority is demanded
  TlsVersion min_version = TlsVersion::tls_1_2;

  bool operator==(const ReplicaTls&) const = default;
};

/// [relay.replica]: this leg, Sluice is the master.
struct ReplicaConfig {
  filters::NetworkList allow;           ///< networks that may connect; empty: all
  filters::NetworkList proxy_protocol;  ///< of load balancers that send its header; empty: none
  std::vector<auth::Account> users;     ///< [[relay.replica.user]]; at least one, names differ
  std::size_t max_sessions = 100;       ///< logged-in connections; 0: no limit
  std::size_t max_logins = 64;  ///< connections that have not logged in yet; never 0. Read from
                                ///< a file without one it is max_sessions if that is more
  Duration login_timeout = std::chrono::seconds(10);  ///< from accept to the OK of the login
  LegCompression compression{{wire::Compression::zstd, wire::Compression::zlib}};
  ReplicaTls tls;
};

/// [relay.filter]
struct FilterConfig {
  filters::TableRules rules;
  /// Bytes of a compressed transaction's events.
  std::uint64_t max_payload = filters::usual_max_payload;

  bool operator==(const FilterConfig&) const = default;
};

/// [relay.requirements]
struct Requirements {
  Reaction master_version = Reaction::refuse;
  Reaction same_version = Reaction::warn;
  Reaction primary_key = Reaction::warn;
  Reaction innodb = Reaction::warn;

  bool operator==(const Requirements&) const = default;
};

/// [relay.keepalive]: TCP keepalive of both legs, in whole seconds as the kernel takes them.
struct Keepalive {
  std::chrono::seconds idle{60};  ///< silence before the first probe; 0: no keepalive
  std::chrono::seconds interval{10};
  int count = 6;  ///< unanswered probes after which the connection is dead

  bool operator==(const Keepalive&) const = default;
};

/// [[relay]]: one master and its replicas.
struct RelayConfig {
  std::string name;
  std::vector<ListenAddress> listen;       ///< at least one
  std::optional<PublicAddress> advertise;  ///< for `check` and `link`; relaying does not need it
  MasterConfig master;
  ReplicaConfig replica;
  FilterConfig filter;
  Requirements requirements;
  Keepalive keepalive;
};

/// How much a tap may show.
enum class TapContent : std::uint8_t {
  off,
  metadata,  ///< what kind of packet or event, about what, where and how large
  full,      ///< also statements, rows and whole packets, as far as they pass
};

/// [admin]: HTTP for those who run it.
struct AdminConfig {
  ListenAddress listen;
  auth::Secret token;  ///< empty: none is asked for
  std::string cert;    ///< PEM with its chain, with `key`; empty: without TLS
  std::string key;
  TapContent tap = TapContent::metadata;

  bool operator==(const AdminConfig&) const = default;
};

/// One thing wrong, or worth a warning, in a configuration file.
struct ConfigProblem {
  std::string file;
  std::uint32_t line = 0;  ///< 0: the file as a whole
  std::uint32_t column = 0;
  std::string key;             ///< dotted, "relay.master.tls.mode"; may be empty
  std::string text;            ///< what is wrong and what is allowed; never a secret
  std::string exposed_file{};  ///< which everybody may read, if it is about that

  /// `FILE:LINE:COLUMN: KEY: TEXT`
  [[nodiscard]] std::string to_string() const;
  bool operator==(const ConfigProblem&) const = default;
};

struct Config {
  std::optional<AdminConfig> admin;  ///< none: no HTTP
  LogSettings log;
  unsigned threads = 0;                                ///< [runtime] threads; 0: one for each core
  Duration shutdown_grace = std::chrono::seconds(10);  ///< [shutdown] grace: for sessions to drain
  std::vector<RelayConfig> relays;                     ///< at least one
  std::vector<ConfigProblem> warnings;                 ///< accepted, but to be logged at start
  std::set<std::string> files;                         ///< this one, and those that it names
};

using ConfigErrors = std::vector<ConfigProblem>;

/// Reads and checks a configuration file and the password files it names. Every problem is
/// reported, not only the first. Relative paths count from the folder of the configuration file.
[[nodiscard]] std::variant<Config, ConfigErrors> load_config(const std::filesystem::path& path);

/// The same from a text; `path` stands in the messages and anchors relative paths.
[[nodiscard]] std::variant<Config, ConfigErrors> parse_config(std::string_view text,
                                                              const std::filesystem::path& path);

}  // namespace sluice::proxy
