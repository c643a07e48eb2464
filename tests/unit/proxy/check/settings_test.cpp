#include "proxy/check/settings.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Requirement judged(std::string_view name, Variables master, const Variables* replica = nullptr,
                   Cloud cloud = Cloud::azure, SettingFacts facts = {}) {
  const auto here = server("8.0.36", std::move(master));
  const auto there = replica ? std::optional(server("8.0.36", *replica)) : std::nullopt;
  return named(judge_settings(here, there ? &*there : nullptr, facts, rules_of(cloud)), name);
}

}  // namespace

TEST_CASE("check settings: lower_case_table_names must be equal, or as the cloud has it") {
  constexpr std::string_view name = "lower_case_table_names";
  const Variables zero{{"lower_case_table_names", "0"}};
  const Variables one{{"lower_case_table_names", "1"}};
  CHECK(judged(name, zero, &zero).state == State::ok);
  CHECK(judged(name, zero, &one).state == State::fail);
  CHECK(judged(name, zero).state == State::warn);
  CHECK(judged(name, one).state == State::ok);
  CHECK(judged(name, zero, nullptr, Cloud::rds).state == State::ok);
  CHECK(judged(name, one, nullptr, Cloud::rds).state == State::warn);
  CHECK(judged(name, zero, nullptr, Cloud::mysql).state == State::skip);
}

TEST_CASE("check settings: what the replica reads at most") {
  const Variables master{{"max_allowed_packet", "67108864"}};
  const Variables enough{{"replica_max_allowed_packet", "1073741824"}};
  const Variables small{{"slave_max_allowed_packet", "1048576"}};
  CHECK(judged("max_allowed_packet", master).state == State::ok);
  CHECK(judged("max_allowed_packet", master, &enough).state == State::ok);
  const auto too_small = judged("max_allowed_packet", master, &small);
  CHECK(too_small.state == State::warn);
  CHECK(too_small.reason == "64 MiB, replica reads up to 1 MiB: a large row may stop it");
  CHECK(advises(too_small, "slave_max_allowed_packet = 67108864"));
}

TEST_CASE("check settings: character set and sql_mode") {
  const Variables new_one{{"collation_server", "utf8mb4_0900_ai_ci"}, {"sql_mode", "A,B"}};
  const Variables old_one{{"collation_server", "latin1_swedish_ci"}, {"sql_mode", "B,C"}};
  CHECK(judged("character set", new_one, &new_one).state == State::ok);
  CHECK(judged("character set", new_one, &old_one).state == State::warn);
  CHECK(judged("character set", new_one).state == State::skip);
  CHECK(judged("sql_mode", new_one, &new_one).state == State::ok);
  const auto differs = judged("sql_mode", new_one, &old_one);
  CHECK(differs.state == State::warn);
  CHECK(differs.reason == "differs: only here A; only on the replica C");
}

TEST_CASE("check settings: the remedy has no sql_mode that the replica does not know") {
  const auto old = server("5.7.22", {{"sql_mode", "STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER"}});
  const auto judge = [&old](std::string_view version, const char* mode) {
    const auto replica = server(version, {{"sql_mode", mode}});
    return named(judge_settings(old, &replica, {}, rules_of(Cloud::mysql)), "sql_mode");
  };
  CHECK(advises(judge("8.0.36", ""), "SET PERSIST sql_mode = 'STRICT_TRANS_TABLES';"));
  CHECK(judge("8.0.36", "STRICT_TRANS_TABLES").state == State::ok);
  CHECK(judge("5.7.22", "STRICT_TRANS_TABLES").state == State::warn);
  CHECK(advises(judge("10.11.6-MariaDB", ""), "NO_AUTO_CREATE_USER,STRICT_TRANS_TABLES"));
}

TEST_CASE("check settings: a collation that the replica does not have") {
  const Variables here{{"collation_server", "utf8mb4_0900_ai_ci"}};
  const Variables there{{"collation_server", "latin1_swedish_ci"}};
  constexpr std::string_view name = "character set";
  CHECK(judged(name, here, &there, Cloud::mysql, {std::nullopt, false}).state == State::fail);
  CHECK(judged(name, here, &there, Cloud::mysql, {std::nullopt, true}).state == State::warn);
}

TEST_CASE("check settings: time zones by name need tables") {
  CHECK(is_named_time_zone("Europe/Berlin"));
  CHECK_FALSE(is_named_time_zone("SYSTEM"));
  CHECK_FALSE(is_named_time_zone("+02:00"));
  CHECK_FALSE(is_named_time_zone("-02:00"));
  const Variables named_zone{{"time_zone", "Europe/Berlin"}};
  CHECK(judged("time zone", named_zone).state == State::warn);
  CHECK(judged("time zone", named_zone, &named_zone, Cloud::azure, {false}).state == State::fail);
  CHECK(judged("time zone", named_zone, &named_zone, Cloud::azure, {true}).state == State::ok);
  CHECK(judged("time zone", {{"time_zone", "+00:00"}}).state == State::ok);
  const Variables here{{"time_zone", "SYSTEM"}, {"system_time_zone", "CET"}};
  const Variables there{{"time_zone", "SYSTEM"}, {"system_time_zone", "UTC"}};
  CHECK(judged("time zone", here, &here).state == State::ok);
  CHECK(judged("time zone", here, &there).state == State::warn);
  const Variables half{{"system_time_zone", "UTC"}};  // it did not tell the other one
  CHECK(judged("time zone", here, &half).state == State::ok);
}
