#include "proxy/link/warnings.hpp"

#include "unit/proxy/check/check_support.hpp"
#include "unit/proxy/temp_folder.hpp"
#include "unit/proxy/tls/self_signed.hpp"

using namespace sluice::test;
using namespace sluice::proxy;
using namespace sluice::proxy::link;

namespace {

using Warnings = std::vector<std::string>;

/// Of a relay that replicas find at `host`, and whose certificate is for "test".
struct Relay {
  explicit Relay(std::string host) {
    const Key key(EVP_EC_gen("P-256"));
    folder.write("cert.pem", pem(make_certificate(*key, -60, 3600).get(), nullptr));
    config.advertise = source.address = {std::move(host), 3306};
    config.replica.tls.cert = folder.file("cert.pem");
    source.authority = "PEM";
    source.replica = server("9.7.4");
  }
  [[nodiscard]] Warnings warnings(Cloud cloud) const {
    return find_warnings(source, config, rules_of(cloud));
  }

  TempFolder folder;
  RelayConfig config;
  Source source;
};

}  // namespace

TEST_CASE("link: an address that a service cannot reach") {
  const Relay relay("127.0.0.1");
  for (const auto cloud : {Cloud::azure, Cloud::rds, Cloud::cloudsql}) {
    CHECK(relay.warnings(cloud) ==
          Warnings{"advertise: 127.0.0.1 (loopback): reached from outside through a "
                   "VPN or peering only"});
  }
  CHECK(Relay("20.50.1.2").warnings(Cloud::azure).empty());
}

TEST_CASE("link: a certificate for another name, where the statements verify it") {
  Relay relay("20.50.1.2");
  for (const auto cloud : {Cloud::mysql, Cloud::mariadb}) {
    const auto found = relay.warnings(cloud);
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with("certificate names: it has no subjectAltName"));
  }
  relay.source.authority.clear();
  CHECK(relay.warnings(Cloud::mysql).empty());
  CHECK(Relay("test").warnings(Cloud::mysql).empty());
}

TEST_CASE("link: a replica of another version than the master") {
  Relay relay("test");
  relay.source.master = server("9.7.4");
  CHECK(relay.warnings(Cloud::mysql).empty());
  relay.source.replica = server("5.6.24");
  CHECK(relay.warnings(Cloud::mysql) ==
        Warnings{"same version: MySQL 9.7.4, replica MySQL 5.6.24: the replica is the older one, "
                 "what the master writes may be new to it"});
  relay.source.master.reset();
  CHECK(relay.warnings(Cloud::mysql).empty());
}
