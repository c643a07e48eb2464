// Servers and findings for the tests of rules.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "proxy/check/cloud.hpp"
#include "proxy/check/server_facts.hpp"

namespace sluice::test {

using namespace sluice::proxy::check;

/// A server of that version with these variables. Also outside of tests, so nothing is asserted.
inline ServerFacts server(std::string_view version,
                          std::map<std::string, std::string, std::less<>> variables = {}) {
  ServerFacts facts = facts_of_version(version).value();
  facts.variables = std::move(variables);
  return facts;
}

/// The requirement of that name.
inline const Requirement& named(const Findings& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Requirement::name);
  REQUIRE_MESSAGE(found != all.end(), std::string(name));
  return *found;
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Whether one of the remedy's lines has this in it.
inline bool advises(const Requirement& requirement, std::string_view part) {
  return std::ranges::any_of(requirement.remedy,
                             [part](const std::string& line) { return contains(line, part); });
}

}  // namespace sluice::test
