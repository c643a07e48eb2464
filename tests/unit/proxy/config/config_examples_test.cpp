// The configurations in conf/ are right, and the reference is complete and tells the true defaults.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "proxy/config/config_changes.hpp"
#include "proxy/config/config_document.hpp"
#include "unit/proxy/temp_folder.hpp"
#include "unit/test_data.hpp"

namespace sluice::proxy {
namespace {

std::string read_example(const std::string& name) {
  std::ifstream file(test::conf(name));
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Folder : public test::TempFolder {
 public:
  Folder() {
    for (const auto* name :
         {"server.pem", "server.key", "client.pem", "client.key", "master-ca.pem", "replica-ca.pem",
          "master.password", "replica.password", "azure.password", "rds.password",
          "cloudsql.password", "admin.pem", "admin.key"}) {
      write(name, "x\n");
    }
    write("admin.token", "0123456789abcdef\n");
  }

  [[nodiscard]] Config parse(const std::string& text) const {
    auto result = parse_config(text, file("sluice.toml"));
    if (const auto* errors = std::get_if<ConfigErrors>(&result)) {
      FAIL(errors->front().to_string());
    }
    return std::get<Config>(std::move(result));
  }
};

/// The configuration with which the design fixed names and meaning, as it stands there.
constexpr std::string_view design = R"toml(
[admin]                                  # HTTP: health, metrics, status, web page, tap
listen = "127.0.0.1:9104"                # default: off
token_file = "/etc/sluice/admin.token"   # required unless listening on loopback

[log]
level = "info"                           # trace debug info warn error
format = "text"                          # or json

[[relay]]                                # one master, any number of replicas; repeat for more masters
name = "orders"
listen = ["0.0.0.0:3306"]

[relay.master]                           # this leg: Sluice is the replica
host = "10.0.0.5"
port = 3306
user = "relay"
password_file = "/etc/sluice/master.password"   # or password, or password_env
[relay.master.tls]
mode = "verify-identity"                 # default. verify-ca | required | disabled
ca = "/etc/sluice/master-ca.pem"         # default: the system's
cert = "..."                             # client certificate, optional, with key
key = "..."

[relay.replica]                          # this leg: Sluice is the master
allow = ["20.50.0.0/16", "127.0.0.1"]    # networks that may connect; default: all
[relay.replica.tls]
mode = "required"                        # default. optional | disabled
cert = "/etc/sluice/server.pem"
key = "/etc/sluice/server.key"
client_ca = "..."                        # demands a client certificate
min_version = "1.2"
[[relay.replica.user]]
name = "azure"
password_file = "..."                    # or password, password_env, password_hash (sluice passwd)

[relay.filter]
system_schema = "drop"                   # default. keep
ignore = ["tmp.%", "app.cache_%"]        # as replicate_wild_ignore_table
only = []                                # as replicate_wild_do_table

[relay.requirements]                     # what to do with a master, replica or table that breaks one: refuse | warn | ignore
master_version = "refuse"                # at least 5.6
same_version = "warn"
primary_key = "warn"
innodb = "warn"
)toml";

/// `section.key` of each key in the file, also of those in comments.
std::set<std::string> keys_of(const std::string& text) {
  static const std::regex header(R"(\[+([a-z._]+)\]+.*)");
  static const std::regex key(R"((?:# )?([a-z_]+) = .*)");
  std::set<std::string> keys;
  std::string section;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, header)) {
      section = match[1];
      for (std::size_t dot = section.find('.'); dot != std::string::npos;
           dot = section.find('.', dot + 1)) {
        keys.insert(section.substr(0, dot));
      }
      keys.insert(section);
    } else if (std::regex_match(line, match, key)) {
      keys.insert(section + "." + match[1].str());
    }
  }
  return keys;
}

/// The file with all its optional keys set, but for those that exclude others.
std::string with_comments_set(const std::string& text) {
  static const std::regex comment(R"(# (([a-z_]+) = .*))");
  static const std::set<std::string> alternatives{"password", "password_env", "password_hash"};
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    const bool set = std::regex_match(line, match, comment) && !alternatives.contains(match[2]);
    out += (set ? match[1].str() : line) + "\n";
  }
  return out;
}

TEST_CASE("the examples are right") {
  const Folder folder;
  for (const auto* name :
       {"sluice.toml", "minimal.toml", "azure.toml", "rds.toml", "cloudsql.toml"}) {
    CAPTURE(name);
    CHECK(folder.parse(read_example(name)).warnings.empty());
  }
}

TEST_CASE("README's configurations are right, and the first is that of azure.toml") {
  const Folder folder;
  const std::string readme = read_example("../README.md");
  static const std::regex block("```toml\n([^`]*)```");
  std::vector<Config> shown;
  for (std::sregex_iterator at(readme.begin(), readme.end(), block), end; at != end; ++at) {
    shown.push_back(folder.parse((*at)[1].str()));
    CHECK(shown.back().warnings.empty());
  }
  REQUIRE(shown.size() == 2);
  const Config azure = folder.parse(read_example("azure.toml"));
  REQUIRE(shown.front().relays.size() == 1);
  CHECK(shown.front().relays.front().name == azure.relays.front().name);
  CHECK(changed_sections(shown.front().relays.front(), azure.relays.front()).empty());
}

TEST_CASE("the design's configuration is right, and warned of is only that 'only' names no table") {
  const Folder folder;
  folder.write("...", "x\n");  // what it leaves open are files, too
  const std::string text =
      std::regex_replace(std::string(design), std::regex("/etc/sluice"), folder.path());
  const Config config = folder.parse(text);
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings.front().key == "relay.filter.only");
  REQUIRE(config.relays.size() == 1);
  const RelayConfig& relay = config.relays.front();
  CHECK(relay.filter.rules.ignore().size() == 2);
  CHECK_FALSE(relay.filter.rules.has_only());
  CHECK_FALSE(relay.filter.rules.drops("shop", "orders"));
  CHECK(relay.replica.tls.client_ca == folder.file("..."));
  CHECK(relay.requirements == Requirements());
}

TEST_CASE("the reference names every key and no other") {
  const std::string text = read_example("sluice.toml");
  ConfigReading reading("sluice.toml");
  const toml::parse_result document = toml::parse(text);
  REQUIRE(document);
  const Config config = read_document(document.table(), reading);
  CHECK(keys_of(text) == reading.known_keys());
}

TEST_CASE("the reference tells the true defaults") {
  const Folder folder;
  const std::string text = read_example("sluice.toml");
  const Config defaults = folder.parse(text);
  const Config set = folder.parse(with_comments_set(text));
  CHECK(set.log.level == defaults.log.level);
  CHECK(set.log.format == defaults.log.format);
  CHECK(set.shutdown_grace == defaults.shutdown_grace);
  const RelayConfig& a = set.relays.at(0);
  const RelayConfig& b = defaults.relays.at(0);
  CHECK(a.master.port == b.master.port);
  CHECK(a.master.connect_timeout == b.master.connect_timeout);
  CHECK(a.master.compression == b.master.compression);
  CHECK(a.master.tls.mode == b.master.tls.mode);
  CHECK(a.master.tls.min_version == b.master.tls.min_version);
  CHECK(a.replica.max_sessions == b.replica.max_sessions);
  CHECK(a.replica.max_logins == b.replica.max_logins);
  CHECK(a.replica.login_timeout == b.replica.login_timeout);
  CHECK(a.replica.compression == b.replica.compression);
  CHECK(a.replica.tls.mode == b.replica.tls.mode);
  CHECK(a.replica.tls.min_version == b.replica.tls.min_version);
  CHECK(a.filter.rules.drops_accounts() == b.filter.rules.drops_accounts());
  CHECK(a.filter.max_payload == b.filter.max_payload);
  CHECK(a.requirements.master_version == b.requirements.master_version);
  CHECK(a.requirements.same_version == b.requirements.same_version);
  CHECK(a.requirements.primary_key == b.requirements.primary_key);
  CHECK(a.requirements.innodb == b.requirements.innodb);
  CHECK(a.keepalive.idle == b.keepalive.idle);
  CHECK(a.keepalive.interval == b.keepalive.interval);
  CHECK(a.keepalive.count == b.keepalive.count);
}

}  // namespace
}  // namespace sluice::proxy
