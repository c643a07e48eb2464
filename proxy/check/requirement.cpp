#include "proxy/check/requirement.hpp"

#include <algorithm>

namespace sluice::proxy::check {

std::string_view to_string(State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::warn:
      return "warn";
    case State::fail:
      return "FAIL";
    case State::skip:
      return "skip";
  }
  return {};
}

std::size_t count(const Report& report, State state) {
  std::size_t number = 0;
  for (const Subject& subject : report) {
    number += static_cast<std::size_t>(
        std::ranges::count(subject.requirements, state, &Requirement::state));
  }
  return number;
}

}  // namespace sluice::proxy::check
