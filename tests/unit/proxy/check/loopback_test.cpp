#include "proxy/check/loopback.hpp"

#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;

namespace {

LoopbackFacts good() {
  LoopbackFacts facts;
  facts.address = "127.0.0.1:3306";
  facts.user = "replica";
  facts.tls = "TLSv1.3 x";
  facts.version = "8.0.36";
  facts.events = 3;
  facts.first_file = "binlog.000001";
  return facts;
}

}  // namespace

TEST_CASE("check loop-back: all is well") {
  const auto master = server("8.0.36");
  const auto all = judge_loopback(good(), &master);
  for (const auto& one : all) CHECK(one.state == State::ok);
  CHECK(named(all, "a dump").reason == "the first 3 events of binlog.000001");
}

TEST_CASE("check loop-back: not tried") {
  LoopbackFacts facts;
  facts.skipped = "it is not running";
  const auto all = judge_loopback(facts, nullptr);
  REQUIRE(all.size() == 1);
  CHECK(all[0].state == State::skip);
}

TEST_CASE("check loop-back: each step may fail, and what follows is left out") {
  auto facts = good();
  facts.failure.emplace();
  facts.failure->text = "login failed";
  CHECK(judge_loopback(facts, nullptr).size() == 1);
  CHECK(judge_loopback(facts, nullptr)[0].state == State::fail);

  facts = good();
  facts.own_certificate = false;
  CHECK(named(judge_loopback(facts, nullptr), "its certificate").state == State::fail);
  facts.question_error = "SELECT 1: no";
  CHECK(named(judge_loopback(facts, nullptr), "a replica's questions").state == State::fail);
  CHECK(judge_loopback(facts, nullptr).back().name == "a replica's questions");

  facts = good();
  facts.dump_error = "could not find first log file name";
  CHECK(named(judge_loopback(facts, nullptr), "a dump").state == State::fail);
  const auto newer = server("8.0.37");
  CHECK(named(judge_loopback(good(), &newer), "its greeting").state == State::warn);
  CHECK(advises(named(judge_loopback(good(), &newer), "its greeting"), "systemctl reload sluice"));
}
