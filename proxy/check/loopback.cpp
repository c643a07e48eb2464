#include "proxy/check/loopback.hpp"

namespace sluice::proxy::check {
namespace {

Requirement judge_login(const LoopbackFacts& facts) {
  Requirement found{"login through Sluice", State::ok, {}, {}, "Sluice"};
  if (facts.failure) {
    found.state = State::fail;
    found.reason = facts.address + " as " + facts.user + ": " + facts.failure->text;
    found.remedy = {"journalctl -u sluice -n 20"};
  } else {
    found.reason = facts.address + " as " + facts.user + ", " +
                   (facts.tls == "none" ? "without TLS" : facts.tls);
  }
  return found;
}

Requirement judge_certificate(const LoopbackFacts& facts) {
  Requirement found{"its certificate", State::skip, "without TLS", {}, "Sluice"};
  if (facts.tls == "none") return found;
  found.state = facts.own_certificate ? State::ok : State::fail;
  found.reason = facts.own_certificate ? "the one that the configuration names"
                                       : "another one than the configuration names";
  if (!facts.own_certificate) found.remedy = {"systemctl reload sluice"};
  return found;
}

Requirement judge_version(const LoopbackFacts& facts, const ServerFacts* master) {
  Requirement found{"its greeting", State::ok, *facts.version, {}, "Sluice"};
  if (master == nullptr) return found;
  if (*facts.version == master->version_text) {
    found.reason += ", the master's version";
  } else {
    found.state = State::warn;
    found.reason += ", and the master's is " + master->version_text +
                    ": it is another master, or has just been upgraded";
    found.remedy = {"# check again in a minute, when Sluice has looked; if it stays so:",
                    "systemctl reload sluice"};
  }
  return found;
}

Requirement judge_questions(const LoopbackFacts& facts) {
  Requirement found{"a replica's questions", State::ok, "answered", {}, "Sluice"};
  if (facts.question_error.empty()) return found;
  found.state = State::fail;
  found.reason = facts.question_error;
  found.remedy = {"journalctl -u sluice -n 20"};
  return found;
}

Requirement judge_dump(const LoopbackFacts& facts) {
  Requirement found{"a dump", State::ok, {}, {}, "Sluice"};
  if (facts.dump_error.empty()) {
    found.reason = "the first " + std::to_string(facts.events) + " events of " + facts.first_file;
    return found;
  }
  found.state = State::fail;
  found.reason = facts.dump_error;
  found.remedy = {"journalctl -u sluice -n 20"};
  return found;
}

}  // namespace

Findings judge_loopback(const LoopbackFacts& facts, const ServerFacts* master) {
  if (!facts.skipped.empty()) {
    return {{"login through Sluice", State::skip, facts.skipped, facts.remedy, "Sluice"}};
  }
  Findings found{judge_login(facts)};
  if (facts.failure) return found;
  found.push_back(judge_certificate(facts));
  if (facts.version) found.push_back(judge_version(facts, master));
  found.push_back(judge_questions(facts));
  if (facts.question_error.empty()) found.push_back(judge_dump(facts));
  return found;
}

}  // namespace sluice::proxy::check
