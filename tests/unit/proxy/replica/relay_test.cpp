#include "proxy/replica/relay.hpp"

#include <doctest/doctest.h>

#include "proxy/metrics/metrics.hpp"

using namespace sluice;
using namespace sluice::proxy;

namespace {

RelayConfig without_tls() {
  RelayConfig config;
  config.name = "orders";
  config.master.host = "10.0.0.5";
  config.master.user = "relay";
  config.master.tls.mode = MasterTlsMode::disabled;
  config.replica.tls.mode = ReplicaTlsMode::disabled;
  return config;
}

}  // namespace

TEST_CASE("what was read before a position outlives a loading, by the same rules and master") {
  Metrics metrics;
  const auto sessions = std::make_shared<SessionRegistry>();
  const auto make = [&](const RelayConfig& config, const Relay* before) {
    return *Relay::make(config, sessions, metrics.of_relay(config.name), before);
  };
  const auto first = make(without_tls(), nullptr);
  const auto keeps = [&](auto change) {
    RelayConfig config = without_tls();
    change(config);
    return make(config, first.get())->known_contexts() == first->known_contexts();
  };
  CHECK(keeps([](RelayConfig& config) { config.replica.max_sessions = 5; }));
  CHECK_FALSE(keeps([](RelayConfig& config) { config.master.host = "10.0.0.6"; }));
  CHECK_FALSE(keeps([](RelayConfig& config) {
    config.filter.rules = filters::TableRules(filters::SystemSchema::drop,
                                              {*filters::TablePattern::parse("tmp.%")}, {});
  }));
}
