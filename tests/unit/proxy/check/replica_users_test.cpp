#include "proxy/check/replica_users.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;
using sluice::proxy::ReplicaConfig;
using sluice::proxy::ReplicaTlsMode;

namespace {

// Of mysql.user, for the password "secret-1" and any other: nobody logs in here.
constexpr std::string_view native_hash = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19";
constexpr std::string_view sha2_hash =
    "$A$005$01234567890123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";

ReplicaConfig with_users(std::initializer_list<std::string_view> hashes) {
  ReplicaConfig config;
  config.tls.mode = ReplicaTlsMode::required;
  for (const std::string_view hash : hashes) {
    config.users.push_back({"replica", "", sluice::auth::Verifier::from_hash(hash).value()});
  }
  return config;
}

Requirement judge(const ReplicaConfig& config, const ServerFacts* replica,
                  Cloud cloud = Cloud::mysql) {
  return named(judge_replica_users(config, replica, rules_of(cloud)), "password hashes");
}

}  // namespace

TEST_CASE("check users: a hash of caching_sha2_password needs a replica that knows it, and TLS") {
  const auto old = server("5.7.22");
  const auto mariadb = server("10.11.6-MariaDB");
  const auto first = server("5.7.23");
  const auto fresh = server("8.0.36");
  const ReplicaConfig sha2 = with_users({sha2_hash});
  CHECK(judge(sha2, &old).state == State::fail);
  CHECK(advises(judge(sha2, &old), "sluice passwd --native"));
  CHECK(judge(sha2, &mariadb).state == State::fail);
  CHECK(judge(sha2, nullptr, Cloud::mariadb).state == State::fail);
  CHECK(judge(sha2, nullptr).state == State::ok);
  CHECK(judge(sha2, &first).state == State::ok);
  CHECK(judge(sha2, &fresh).state == State::ok);
  CHECK(judge(with_users({sha2_hash, native_hash}), &old).state == State::warn);
  ReplicaConfig plain = sha2;
  plain.tls.mode = ReplicaTlsMode::disabled;
  CHECK(judge(plain, &fresh).state == State::fail);
  CHECK(contains(judge(plain, nullptr).reason, "needs TLS"));
}

TEST_CASE("check users: other hashes and passwords open to all replicas") {
  const auto old = server("5.7.22");
  ReplicaConfig config = with_users({native_hash});
  config.tls.mode = ReplicaTlsMode::disabled;
  config.users.push_back(
      {"clear", "", sluice::auth::Verifier::from_password(sluice::auth::Secret("secret-1"))});
  CHECK(judge(config, &old).state == State::ok);
  CHECK(judge(config, nullptr, Cloud::mariadb).state == State::ok);
}

TEST_CASE("check users: a certificate that a service's replica has not") {
  ReplicaConfig config = with_users({native_hash});
  const auto judge_certificate = [&config](Cloud cloud) {
    return named(judge_replica_users(config, nullptr, rules_of(cloud)), "client certificate").state;
  };
  CHECK(judge_certificate(Cloud::azure) == State::ok);
  config.tls.client_ca = "ca.pem";
  for (const Cloud cloud : {Cloud::azure, Cloud::rds}) {
    CHECK(judge_certificate(cloud) == State::fail);
  }
  for (const Cloud cloud : {Cloud::cloudsql, Cloud::mysql, Cloud::mariadb}) {
    CHECK(judge_certificate(cloud) == State::ok);
  }
}
