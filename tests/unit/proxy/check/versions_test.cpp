#include "proxy/check/versions.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

using sluice::filters::Reaction;

namespace {

State version_state(std::string_view version, Cloud cloud) {
  return named(judge_versions(server(version), nullptr, Reaction::warn, rules_of(cloud)), "version")
      .state;
}

State same_version(std::string_view master, std::string_view replica,
                   Reaction reaction = Reaction::warn) {
  const auto there = server(replica);
  return named(judge_versions(server(master), &there, reaction, rules_of(Cloud::azure)),
               "same version")
      .state;
}

}  // namespace

TEST_CASE("check versions: the oldest that Sluice and each cloud take") {
  CHECK(version_state("5.5.62", Cloud::mysql) == State::fail);
  CHECK(version_state("5.6.24", Cloud::mysql) == State::ok);
  CHECK(version_state("5.6.24", Cloud::azure) == State::fail);
  CHECK(version_state("5.7.22", Cloud::azure) == State::ok);
  CHECK(version_state("9.7.4", Cloud::azure) == State::ok);
  CHECK(version_state("10.11.19-MariaDB", Cloud::azure) == State::fail);
  CHECK(version_state("10.11.19-MariaDB", Cloud::cloudsql) == State::fail);
  CHECK(version_state("10.11.19-MariaDB", Cloud::mysql) == State::fail);
  CHECK(version_state("10.11.19-MariaDB", Cloud::rds) == State::ok);
  CHECK(version_state("10.0.20-MariaDB", Cloud::rds) == State::fail);
  CHECK(version_state("5.5.5-10.11.19-MariaDB-log", Cloud::mariadb) == State::ok);
  CHECK(version_state("8.0.36", Cloud::mariadb) == State::warn);
}

TEST_CASE("check versions: both of one series") {
  CHECK(same_version("8.0.15", "8.0.36") == State::ok);
  CHECK(same_version("8.0.36", "8.4.1") == State::warn);
  CHECK(same_version("8.4.1", "8.0.36") == State::fail);
  CHECK(same_version("10.11.19-MariaDB", "10.11.2-MariaDB") == State::ok);
  CHECK(same_version("10.11.19-MariaDB", "8.0.36") == State::fail);
  CHECK(same_version("5.7.22", "10.11.2-MariaDB") == State::warn);
  const auto alone =
      judge_versions(server("8.0.36"), nullptr, Reaction::refuse, rules_of(Cloud::azure));
  CHECK(named(alone, "same version").state == State::skip);
}

TEST_CASE("check versions: what [relay.requirements] refuses fails") {
  CHECK(same_version("8.0.36", "8.4.1", Reaction::refuse) == State::fail);
  CHECK(same_version("5.7.22", "10.11.2-MariaDB", Reaction::refuse) == State::fail);
  CHECK(same_version("8.0.15", "8.0.36", Reaction::refuse) == State::ok);
}

TEST_CASE("check versions: no version") {
  CHECK_FALSE(facts_of_version("new"));
  CHECK_FALSE(facts_of_version(""));
  CHECK(facts_of_version("8.0.36"));
  CHECK(facts_of_option("10.11.6")->is_mariadb());
  CHECK(facts_of_option("10.11.6-MariaDB")->is_mariadb());
  CHECK_FALSE(facts_of_option("9.7.4")->is_mariadb());
  CHECK_FALSE(facts_of_option("new"));
  CHECK(facts_of_version("5.5.5-10.11.19-MariaDB")->version_text == "10.11.19-MariaDB");
}
