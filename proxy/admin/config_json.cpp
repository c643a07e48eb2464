#include "proxy/admin/config_json.hpp"

#include <boost/json.hpp>

#include "proxy/config_values.hpp"

namespace sluice::proxy::admin {

namespace json = boost::json;

namespace {

std::string_view name_of(MasterTlsMode mode) {
  switch (mode) {
    case MasterTlsMode::disabled:
      return "disabled";
    case MasterTlsMode::required:
      return "required";
    case MasterTlsMode::verify_ca:
      return "verify-ca";
    case MasterTlsMode::verify_identity:
      return "verify-identity";
  }
  return {};
}

std::string_view name_of(ReplicaTlsMode mode) {
  switch (mode) {
    case ReplicaTlsMode::disabled:
      return "disabled";
    case ReplicaTlsMode::optional:
      return "optional";
    case ReplicaTlsMode::required:
      return "required";
  }
  return {};
}

std::string_view name_of(TlsVersion version) {
  switch (version) {
    case TlsVersion::tls_1_0:
      return "1.0";
    case TlsVersion::tls_1_1:
      return "1.1";
    case TlsVersion::tls_1_2:
      return "1.2";
    case TlsVersion::tls_1_3:
      return "1.3";
  }
  return {};
}

std::string_view name_of(TapContent content) {
  switch (content) {
    case TapContent::off:
      return "off";
    case TapContent::metadata:
      return "metadata";
    case TapContent::full:
      return "full";
  }
  return {};
}

std::string_view name_of(Reaction reaction) {
  switch (reaction) {
    case Reaction::refuse:
      return "refuse";
    case Reaction::warn:
      return "warn";
    case Reaction::ignore:
      return "ignore";
  }
  return {};
}

json::array to_json(const std::vector<filters::TablePattern>& patterns) {
  json::array made;
  for (const auto& pattern : patterns) made.push_back(json::string(pattern.text()));
  return made;
}

json::array algorithms(const LegCompression& compression) {
  json::array made;
  for (const auto algorithm : compression.algorithms)
    made.push_back(json::string(wire::name_of(algorithm)));
  return made;
}

json::object to_json(const MasterConfig& master) {
  return {{"host", master.host},
          {"port", master.port},
          {"user", master.user},
          {"connect_timeout", to_text(master.connect_timeout)},
          {"compression", algorithms(master.compression)},
          {"zstd_level", master.compression.zstd_level},
          {"tls",
           {{"mode", name_of(master.tls.mode)},
            {"ca", master.tls.ca},
            {"cert", master.tls.cert},
            {"key", master.tls.key},
            {"min_version", name_of(master.tls.min_version)}}}};
}

json::object to_json(const ReplicaConfig& replica) {
  json::array allow;
  for (const auto& network : replica.allow.networks()) {
    allow.push_back(json::string(network.to_text()));
  }
  json::array users;
  for (const auto& user : replica.users) {
    users.push_back({{"name", user.name}, {"plugin", user.plugin}});
  }
  return {{"allow", std::move(allow)},
          {"max_sessions", replica.max_sessions},
          {"max_logins", replica.max_logins},
          {"login_timeout", to_text(replica.login_timeout)},
          {"compression", algorithms(replica.compression)},
          {"zlib_level", replica.compression.zlib_level},
          {"zstd_level", replica.compression.zstd_level},
          {"tls",
           {{"mode", name_of(replica.tls.mode)},
            {"cert", replica.tls.cert},
            {"key", replica.tls.key},
            {"client_ca", replica.tls.client_ca},
            {"min_version", name_of(replica.tls.min_version)}}},
          {"user", std::move(users)}};
}

json::object to_json(const RelayConfig& relay) {
  json::array listen;
  for (const auto& address : relay.listen) listen.push_back(json::string(to_text(address)));
  const auto& rules = relay.filter.rules;
  const bool drops = rules.system_schema() == filters::SystemSchema::drop;
  return {{"name", relay.name},
          {"listen", std::move(listen)},
          {"advertise", relay.advertise ? to_text(*relay.advertise) : ""},
          {"master", to_json(relay.master)},
          {"replica", to_json(relay.replica)},
          {"filter",
           {{"system_schema", drops ? "drop" : "keep"},
            {"ignore", to_json(rules.ignore())},
            {"only", to_json(rules.only())},
            {"max_payload", relay.filter.max_payload}}},
          {"requirements",
           {{"master_version", name_of(relay.requirements.master_version)},
            {"same_version", name_of(relay.requirements.same_version)},
            {"primary_key", name_of(relay.requirements.primary_key)},
            {"innodb", name_of(relay.requirements.innodb)}}},
          {"keepalive",
           {{"idle", to_text(relay.keepalive.idle)},
            {"interval", to_text(relay.keepalive.interval)},
            {"count", relay.keepalive.count}}}};
}

}  // namespace

std::string config_json(const AdminConfig& admin,
                        const std::vector<std::shared_ptr<Relay>>& relays) {
  json::array all;
  for (const auto& relay : relays) all.push_back(to_json(relay->config()));
  return json::serialize(json::object{{"admin",
                                       {{"listen", to_text(admin.listen)},
                                        {"token", !admin.token.empty()},
                                        {"tls", !admin.cert.empty()},
                                        {"tap", name_of(admin.tap)}}},
                                      {"relay", std::move(all)}});
}

}  // namespace sluice::proxy::admin
