#include "proxy/admin/config_json.hpp"

#include <boost/json.hpp>

#include "proxy/config/config_names.hpp"
#include "proxy/config/config_values.hpp"

namespace sluice::proxy::admin {

namespace json = boost::json;

namespace {

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
           {{"mode", name_of(master_tls_modes, master.tls.mode)},
            {"ca", master.tls.ca},
            {"cert", master.tls.cert},
            {"key", master.tls.key},
            {"min_version", name_of(tls_versions, master.tls.min_version)}}}};
}

json::array texts(const filters::NetworkList& networks) {
  json::array all;
  for (const auto& network : networks.networks()) {
    all.push_back(json::string(network.to_text()));
  }
  return all;
}

json::object to_json(const ReplicaConfig& replica) {
  json::array users;
  for (const auto& user : replica.users) {
    users.push_back({{"name", user.name}, {"plugin", user.plugin}});
  }
  return {{"allow", texts(replica.allow)},
          {"proxy_protocol", texts(replica.proxy_protocol)},
          {"max_sessions", replica.max_sessions},
          {"max_logins", replica.max_logins},
          {"login_timeout", to_text(replica.login_timeout)},
          {"compression", algorithms(replica.compression)},
          {"zlib_level", replica.compression.zlib_level},
          {"zstd_level", replica.compression.zstd_level},
          {"tls",
           {{"mode", name_of(replica_tls_modes, replica.tls.mode)},
            {"cert", replica.tls.cert},
            {"key", replica.tls.key},
            {"client_ca", replica.tls.client_ca},
            {"min_version", name_of(tls_versions, replica.tls.min_version)}}},
          {"user", std::move(users)}};
}

json::object to_json(const RelayConfig& relay) {
  json::array listen;
  for (const auto& address : relay.listen) listen.push_back(json::string(to_text(address)));
  const auto& rules = relay.filter.rules;
  return {{"name", relay.name},
          {"listen", std::move(listen)},
          {"advertise", relay.advertise ? to_text(*relay.advertise) : ""},
          {"master", to_json(relay.master)},
          {"replica", to_json(relay.replica)},
          {"filter",
           {{"system_schema", name_of(system_schema_choices, rules.system_schema())},
            {"ignore", to_json(rules.ignore())},
            {"only", to_json(rules.only())},
            {"max_payload", relay.filter.max_payload}}},
          {"requirements",
           {{"master_version", name_of(reactions, relay.requirements.master_version)},
            {"same_version", name_of(reactions, relay.requirements.same_version)},
            {"primary_key", name_of(reactions, relay.requirements.primary_key)},
            {"innodb", name_of(reactions, relay.requirements.innodb)}}},
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
                                        {"tap", name_of(tap_contents, admin.tap)}}},
                                      {"relay", std::move(all)}});
}

}  // namespace sluice::proxy::admin
