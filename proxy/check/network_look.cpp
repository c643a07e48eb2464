#include <boost/asio/io_context.hpp>
#include <set>

#include "protocol/wire/server_error.hpp"
#include "proxy/check/network.hpp"
#include "proxy/check/reach.hpp"
#include "proxy/master/sql_client.hpp"
#include "proxy/network/acceptor.hpp"

namespace sluice::proxy::check {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Who listens there already? Asked without a login.
ListenFacts::Use who_listens(const ListenAddress& address, const RelayConfig& relay) {
  using Use = ListenFacts::Use;
  if (wants_proxy_header(relay, address)) return Use::unclear;
  const bool tls = relay.replica.tls.mode != ReplicaTlsMode::disabled;
  MasterConfig config;
  config.host = local_address(address);
  config.port = address.port;
  config.tls.mode = MasterTlsMode::required;
  config.tls.min_version = TlsVersion::tls_1_0;
  const auto target = make_master_target(config);
  if (!target) return Use::unclear;
  const auto client = SqlClient::open(*target, SqlClient::Until::tls_only);
  if (!client) {
    const MasterFailure& failure = client.error();
    if (failure.code == wire::code_of(wire::ErrorCode::conn_host_error)) return Use::masterless;
    if (failure.code == wire::code_of(wire::ErrorCode::host_not_privileged) ||
        failure.code == wire::code_of(wire::ErrorCode::con_count_error)) {
      return Use::unclear;
    }
    // It speaks the protocol and offers no TLS, as configured.
    return !tls && failure.stage == MasterFailure::Stage::tls ? Use::ours : Use::other;
  }
  const auto shown = shown_by((*client)->master().connection());
  const auto own = read_certificates(relay.replica.tls.cert);
  const bool same =
      tls && own && !shown.empty() && X509_cmp(shown.front().get(), own->front().get()) == 0;
  return same ? Use::ours : Use::other;
}

ListenFacts look_at(const ListenAddress& address, const RelayConfig& relay) {
  ListenFacts facts;
  facts.address = address;
  asio::io_context context;
  tcp::acceptor acceptor(context);
  const error_code error = bind_acceptor(acceptor, address);
  if (error == asio::error::address_in_use) {
    facts.use = who_listens(address, relay);
  } else if (error) {
    facts.use = ListenFacts::Use::refused;
    facts.error = error.message() + std::string(advice_for(error, address));
    facts.privileged = needs_privilege(error, address);
  }
  return facts;
}

void resolve(NetworkFacts& facts) {
  asio::io_context context;
  tcp::resolver resolver(context);
  error_code error;
  const auto found = resolver.resolve(facts.advertise->host, "", error);
  std::set<std::string> addresses;
  for (const auto& entry : found) addresses.insert(entry.endpoint().address().to_string());
  facts.resolved.assign(addresses.begin(), addresses.end());
  if (error) facts.resolve_error = error.message();
}

}  // namespace

std::string local_address(const ListenAddress& address) {
  error_code error;
  const auto parsed = asio::ip::make_address(address.address, error);
  if (error || !parsed.is_unspecified()) return address.address;
  return parsed.is_v4() ? "127.0.0.1" : "::1";
}

bool is_in(const std::string& address, const filters::NetworkList& networks) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error || networks.networks().empty()) return false;
  if (parsed.is_v4()) return networks.contains(Bytes(parsed.to_v4().to_bytes()));
  return networks.contains(Bytes(parsed.to_v6().to_bytes()));
}

bool wants_proxy_header(const RelayConfig& relay, const ListenAddress& address) {
  return is_in(local_address(address), relay.replica.proxy_protocol);
}

NetworkFacts look_up_advertise(const RelayConfig& relay) {
  NetworkFacts facts;
  facts.advertise = relay.advertise;
  if (facts.advertise) resolve(facts);
  return facts;
}

NetworkFacts look_at_network(const RelayConfig& relay) {
  NetworkFacts facts = look_up_advertise(relay);
  facts.allows_everybody = relay.replica.allow.is_everything();
  for (const ListenAddress& address : relay.listen) facts.listen.push_back(look_at(address, relay));
  return facts;
}

}  // namespace sluice::proxy::check
