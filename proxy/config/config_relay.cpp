#include "proxy/config/config_relay.hpp"

#include <algorithm>
#include <array>

#include "proxy/config/config_credentials.hpp"
#include "proxy/config/config_tls.hpp"

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

constexpr Duration shortest_timeout = 100ms;
constexpr Duration longest_timeout = 1h;
constexpr std::array known_compressions{wire::Compression::zstd, wire::Compression::zlib};

std::string taken_at(ConfigPosition position) {
  return "is taken already, in line " + std::to_string(position.line);
}

std::vector<ListenAddress> read_listen(Section& section, TakenNames& taken) {
  std::vector<ListenAddress> addresses;
  section.require("listen", "the addresses for replicas, such as [\"0.0.0.0:3306\"]");
  const auto texts = section.texts("listen");
  if (!texts) return addresses;
  if (texts->empty()) section.error("listen", "names no address");
  for (const auto& [text, position] : *texts) {
    const auto address = parse_listen_address(text);
    if (!address) {
      section.error_at(position, "listen", address.error().why);
      continue;
    }
    for (const auto& [other, place] : taken.addresses) {
      if (!overlap(*address, other)) continue;
      const bool same = address->address == other.address;
      section.error_at(
          position, "listen",
          "'" + text + "' " +
              (same ? taken_at(place)
                    : "overlaps '" + to_text(other) + "' in line " + std::to_string(place.line)));
      break;
    }
    taken.addresses.emplace_back(*address, position);
    addresses.push_back(*address);
  }
  return addresses;
}

void read_algorithms(Section& section, std::vector<wire::Compression>& algorithms) {
  const auto texts = section.texts("compression");
  if (!texts) return;
  algorithms.clear();
  for (const auto& [text, position] : *texts) {
    const auto* known = std::ranges::find(known_compressions, text, wire::name_of);
    if (known == known_compressions.end()) {
      section.error_at(position, "compression", "'" + text + "' is not one of zstd, zlib");
    } else if (std::ranges::find(algorithms, *known) != algorithms.end()) {
      section.error_at(position, "compression", "'" + text + "' is there twice");
    } else {
      algorithms.push_back(*known);
    }
  }
}

MasterConfig read_master(Section section) {
  MasterConfig master;
  section.require("host", "the master's name or address");
  section.parsed("host", master.host, parse_host);
  section.number("port", master.port, 1, 65535);
  section.require("user", "the account on the master, with REPLICATION SLAVE");
  if (section.text("user", master.user) && master.user.empty()) {
    section.error("user", "must not be empty");
  }
  if (auto password = read_password(section)) master.password = *std::move(password);
  section.duration("connect_timeout", master.connect_timeout, shortest_timeout, longest_timeout);
  read_algorithms(section, master.compression.algorithms);
  section.number("zstd_level", master.compression.zstd_level, 1, wire::zstd_max_level);
  Section tls = section.section("tls");
  master.tls = read_master_tls(tls);
  return master;
}

filters::NetworkList read_networks(Section& section, std::string_view key,
                                   std::string_view instead_of_none) {
  std::vector<filters::Network> networks;
  const auto texts = section.texts(key);
  if (!texts) return {};
  for (const auto& [text, position] : *texts) {
    const auto network = filters::Network::parse(text);
    if (network) {
      networks.push_back(*network);
    } else {
      section.error_at(position, key, network.error());
    }
  }
  if (texts->empty()) {
    section.error(key, "names no network; " + std::string(instead_of_none));
  }
  return filters::NetworkList(std::move(networks));
}

std::vector<auth::Account> read_users(Section& section) {
  std::vector<auth::Account> users;
  std::map<std::string, ConfigPosition> names;
  const std::size_t count = section.for_each("user", [&](Section& user) {
    std::string name;
    user.require("name", "the user that a replica logs in as");
    if (user.text("name", name)) {
      if (name.empty()) user.error("name", "must not be empty");
      const auto [first, is_new] = names.try_emplace(name, user.position("name"));
      if (!is_new) user.error("name", "'" + name + "' " + taken_at(first->second));
    }
    if (auto account = read_account(user, std::move(name))) {
      users.push_back(*std::move(account));
    }
  });
  if (count == 0) {
    section.missing("user", "at least one [[" + section.path() + ".user]] that replicas log in as");
  }
  return users;
}

/// Such a user could never log in.
void judge_hashes(Section& section, const ReplicaConfig& replica) {
  if (replica.tls.mode != ReplicaTlsMode::disabled) return;
  for (const auto& user : replica.users) {
    if (user.verifier.supports(auth::native_password_plugin)) continue;
    section.error("user", "'" + user.name +
                              "' has a password_hash for caching_sha2_password, which needs TLS "
                              "for the first login: switch that on, or take the hash of sluice "
                              "passwd --native");
  }
}

ReplicaConfig read_replica(Section section) {
  ReplicaConfig replica;
  replica.allow =
      read_networks(section, "allow", "to let all addresses connect, leave the key out");
  replica.proxy_protocol = read_networks(section, "proxy_protocol",
                                         "where there is no load balancer, leave the key out");
  if (!replica.proxy_protocol.networks().empty() && replica.proxy_protocol.is_everything()) {
    section.error("proxy_protocol",
                  "names all addresses: whoever connects could say that he is somebody else; "
                  "name the load balancers");
  }
  section.number("max_sessions", replica.max_sessions, 0, 100'000);
  // They may all come back at once.
  replica.max_logins = std::max(replica.max_logins, replica.max_sessions);
  section.number("max_logins", replica.max_logins, 1, 100'000);
  section.duration("login_timeout", replica.login_timeout, shortest_timeout, longest_timeout);
  read_algorithms(section, replica.compression.algorithms);
  section.number("zlib_level", replica.compression.zlib_level, 1, wire::zlib_max_level);
  section.number("zstd_level", replica.compression.zstd_level, 1, wire::zstd_max_level);
  replica.users = read_users(section);
  Section tls = section.section("tls");
  replica.tls = read_replica_tls(tls);
  judge_hashes(section, replica);
  return replica;
}

constexpr std::uint64_t smallest_max_payload = std::uint64_t{1} << 20;

std::vector<filters::TablePattern> read_patterns(Section& section, std::string_view key) {
  std::vector<filters::TablePattern> patterns;
  const auto texts = section.texts(key);
  if (!texts) return patterns;
  // As if it were not given, as for the servers; but a template may have meant to name some.
  if (key == "only" && texts->empty()) {
    section.warning(key, "names no table, so all tables pass: leave it out if that is meant");
  }
  for (const auto& [text, position] : *texts) {
    if (auto pattern = filters::TablePattern::parse(text)) {
      patterns.push_back(*std::move(pattern));
    } else {
      section.error_at(position, key, pattern.error());
    }
  }
  return patterns;
}

FilterConfig read_filter(Section section) {
  FilterConfig filter;
  auto system_schema = filters::SystemSchema::drop;
  section.choice("system_schema", system_schema, system_schema_choices);
  auto ignore = read_patterns(section, "ignore");
  auto only = read_patterns(section, "only");
  if (!ignore.empty() && !only.empty()) {
    section.warning(
        "ignore",
        "counts only for statements over several tables: where there is an 'only', that decides");
  }
  filter.rules = {system_schema, std::move(ignore), std::move(only)};
  if (!filter.rules.drops_accounts()) {
    section.warning("system_schema", "accounts and their password hashes pass");
  }
  if (section.parsed("max_payload", filter.max_payload, parse_size) &&
      filter.max_payload < smallest_max_payload) {
    section.error("max_payload", "must be at least 1MiB");
  }
  return filter;
}

Requirements read_requirements(Section section) {
  Requirements requirements;
  const auto read = [&section](std::string_view key, Reaction& reaction) {
    return section.choice(key, reaction, reactions);
  };
  read("master_version", requirements.master_version);
  read("same_version", requirements.same_version);
  read("primary_key", requirements.primary_key);
  read("innodb", requirements.innodb);
  return requirements;
}

// The limits are those of tcp(7), MAX_TCP_KEEPIDLE and its kin in the kernel's include/net/tcp.h.
Keepalive read_keepalive(Section section) {
  Keepalive keepalive;
  const auto read = [&section](std::string_view key, std::chrono::seconds& out, Duration min) {
    Duration value = out;
    if (!section.duration(key, value, min, 32767s)) return;
    if (value % 1s != 0s) {
      section.error(key, "must be whole seconds");
      return;
    }
    out = std::chrono::duration_cast<std::chrono::seconds>(value);
  };
  read("idle", keepalive.idle, 0s);
  read("interval", keepalive.interval, 1s);
  section.number("count", keepalive.count, 1, 127);
  return keepalive;
}

std::string read_name(Section& section, TakenNames& taken) {
  std::string name;
  section.require("name", "what the log calls this relay");
  if (section.parsed("name", name, parse_relay_name)) {
    const auto [first, is_new] = taken.relays.try_emplace(name, section.position("name"));
    if (!is_new) section.error("name", "'" + name + "' " + taken_at(first->second));
  }
  return name;
}

}  // namespace

RelayConfig read_relay(Section& section, TakenNames& taken) {
  RelayConfig relay;
  relay.name = read_name(section, taken);
  relay.listen = read_listen(section, taken);
  PublicAddress advertise;
  if (section.parsed("advertise", advertise, parse_public_address)) relay.advertise = advertise;
  relay.master = read_master(section.section("master"));
  relay.replica = read_replica(section.section("replica"));
  relay.filter = read_filter(section.section("filter"));
  relay.requirements = read_requirements(section.section("requirements"));
  relay.keepalive = read_keepalive(section.section("keepalive"));
  return relay;
}

}  // namespace sluice::proxy
