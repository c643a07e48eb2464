#include "proxy/check/versions.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

using sluice::filters::Reaction;

namespace {

Requirement version_of(std::string_view version, Cloud cloud,
                       Reaction reaction = Reaction::refuse) {
  const sluice::proxy::Requirements required{.master_version = reaction};
  return named(judge_versions(server(version), nullptr, required, rules_of(cloud)), "version");
}

State version_state(std::string_view version, Cloud cloud, Reaction reaction = Reaction::refuse) {
  return version_of(version, cloud, reaction).state;
}

State same_version(std::string_view master, std::string_view replica,
                   Reaction reaction = Reaction::warn) {
  const auto there = server(replica);
  return judge_same_version(server(master), &there, reaction).state;
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

TEST_CASE("check versions: a master that is too old fails where a relay refuses it") {
  for (const auto* version : {"5.5.62", "5.5.68-MariaDB"}) {
    CAPTURE(version);
    const Cloud cloud = contains(version, "MariaDB") ? Cloud::mariadb : Cloud::mysql;
    CHECK(version_state(version, cloud) == State::fail);
    CHECK(advises(version_of(version, cloud), "master_version = \"warn\""));
    for (const auto reaction : {Reaction::warn, Reaction::ignore}) {
      const auto found = version_of(version, cloud, reaction);
      CHECK(found.state == State::warn);
      CHECK(contains(found.reason, "Sluice needs MySQL 5.6 or MariaDB 10.0 at least"));
      CHECK_FALSE(contains(found.reason, "refuses"));
      CHECK_FALSE(advises(found, "master_version"));
    }
  }
  // What a service itself does not take it does not take however Sluice is set.
  CHECK(version_state("5.5.62", Cloud::azure, Reaction::ignore) == State::fail);
  CHECK(version_state("5.5.68-MariaDB", Cloud::cloudsql, Reaction::warn) == State::fail);
}

TEST_CASE("check versions: what is not right says what to do") {
  for (const auto cloud :
       {Cloud::azure, Cloud::rds, Cloud::cloudsql, Cloud::mysql, Cloud::mariadb}) {
    for (const auto* version :
         {"5.5.62", "5.6.24", "8.0.36", "5.5.68-MariaDB", "10.0.20-MariaDB", "10.11.19-MariaDB"}) {
      for (const auto reaction : {Reaction::refuse, Reaction::warn}) {
        const auto found = version_of(version, cloud, reaction);
        CAPTURE(found.reason);
        CHECK(found.remedy.empty() == (found.state == State::ok));
      }
    }
  }
  for (const auto* here : {"8.0.36", "8.4.1", "10.11.19-MariaDB", "11.8.6-MariaDB"}) {
    for (const auto* other : {"8.0.15", "8.4.1", "10.11.2-MariaDB", "11.8.6-MariaDB"}) {
      for (const auto reaction : {Reaction::refuse, Reaction::warn}) {
        const auto there = server(other);
        const auto found = judge_same_version(server(here), &there, reaction);
        CAPTURE(found.reason);
        CHECK(found.remedy.empty() == (found.state == State::ok));
      }
    }
  }
}

TEST_CASE("check versions: both of one series") {
  CHECK(same_version("8.0.15", "8.0.36") == State::ok);
  CHECK(same_version("8.0.36", "8.4.1") == State::warn);
  CHECK(same_version("8.4.1", "8.0.36") == State::fail);
  CHECK(same_version("10.11.19-MariaDB", "10.11.2-MariaDB") == State::ok);
  CHECK(same_version("10.11.19-MariaDB", "8.0.36") == State::fail);
  CHECK(same_version("5.7.22", "10.11.2-MariaDB") == State::warn);
  const sluice::proxy::Requirements required{.same_version = Reaction::refuse};
  const auto alone = judge_versions(server("8.0.36"), nullptr, required, rules_of(Cloud::azure));
  CHECK(named(alone, "same version").state == State::skip);
  const auto named_by = [](std::string_view version) {
    return sluice::proxy::check::judge_same_version(server(version), nullptr, Reaction::warn);
  };
  CHECK(advises(named_by("8.0.36-28"), "--replica-version 8.0.36"));
  CHECK(advises(named_by("10.11.19-MariaDB-log"), "--replica-version 10.11.19-MariaDB"));
  const auto there = server("8.4.1");
  const auto both = judge_versions(server("8.0.36"), &there, required, rules_of(Cloud::azure));
  CHECK(named(both, "same version").state == State::fail);
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
  CHECK(facts_of_option("13.1.2")->is_mariadb());
  CHECK_FALSE(facts_of_option("26.7.0")->is_mariadb());
  CHECK_FALSE(facts_of_option("new"));
  CHECK(facts_of_version("5.5.5-10.11.19-MariaDB")->version_text == "10.11.19-MariaDB");
}
