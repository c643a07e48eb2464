#include "proxy/check/printer.hpp"

#include <algorithm>

#include "proxy/base/escaped_text.hpp"
#include "proxy/base/json_object.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view plain = "\x1b[0m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view dim = "\x1b[2m";

std::string_view colour_of(State state) {
  switch (state) {
    case State::ok:
      return "\x1b[32m";
    case State::warn:
      return "\x1b[33m";
    case State::fail:
      return "\x1b[1;31m";
    case State::skip:
      return dim;
  }
  return plain;
}

class TextPrinter {
 public:
  explicit TextPrinter(bool colour) : colour_(colour) {}

  std::string print(const Report& report) {
    for (const Subject& subject : report) {
      if (!subject.requirements.empty()) print(subject);
    }
    const auto number = [&report](State state) { return std::to_string(count(report, state)); };
    out_ += number(State::ok) + " ok, " + number(State::warn) + " warn, " + number(State::fail) +
            " FAIL, " + number(State::skip) + " skip\n";
    return std::move(out_);
  }

 private:
  void print(const Subject& subject) {
    const std::string relay = subject.relay.empty() ? "" : "relay " + subject.relay + ": ";
    painted(bold, without_controls(relay + subject.name));
    out_ += '\n';
    std::size_t width = 0;
    for (const auto& requirement : subject.requirements) {
      width = std::max(width, requirement.name.size());
    }
    for (const auto& requirement : subject.requirements) {
      print(requirement, told_before(subject, requirement), width);
    }
    out_ += '\n';
  }

  /// The requirement before this one in its subject that has the same lines to paste; null: none.
  static const Requirement* told_before(const Subject& subject, const Requirement& requirement) {
    constexpr std::size_t worth_it = 2;
    if (requirement.remedy.size() < worth_it) return nullptr;
    const auto found =
        std::ranges::find(subject.requirements, requirement.remedy, &Requirement::remedy);
    return &*found == &requirement ? nullptr : &*found;
  }

  void print(const Requirement& requirement, const Requirement* before, std::size_t width) {
    constexpr std::size_t longest_state = 4;
    const std::string_view state = to_string(requirement.state);
    out_ += "  ";
    painted(colour_of(requirement.state), state);
    out_ += std::string(longest_state - state.size() + 2, ' ') + requirement.name +
            std::string(width - requirement.name.size() + 2, ' ') +
            without_controls(requirement.reason) + '\n';
    if (requirement.state == State::ok) return;
    if (before != nullptr) {
      out_ += "            # as for " + before->name + '\n';
    } else {
      for (const std::string& line : requirement.remedy)
        out_ += "            " + without_controls(line) + '\n';
    }
    // That a rule is Sluice's own is nothing to read on in.
    const bool elsewhere = !requirement.source.empty() && requirement.source != "Sluice";
    if (!elsewhere || requirement.state == State::skip) return;
    out_ += "        ";
    painted(dim, "(" + std::string(requirement.source) + ")");
    out_ += '\n';
  }

  void painted(std::string_view colour, std::string_view text) {
    if (colour_) out_ += colour;
    out_ += text;
    if (colour_) out_ += plain;
  }

  bool colour_;
  std::string out_;
};

std::string json_list(const std::vector<std::string>& lines) {
  JsonList list;
  for (const std::string& line : lines) list.text(line);
  return list.finish();
}

}  // namespace

std::string as_text(const Report& report, bool colour) {
  return TextPrinter(colour).print(report);
}

std::string as_json(const Report& report) {
  JsonList list(",");
  for (const Subject& subject : report) {
    for (const Requirement& requirement : subject.requirements) {
      JsonObject object;
      object.text("relay", subject.relay);
      object.text("subject", subject.name);
      object.text("name", requirement.name);
      object.text("state", to_string(requirement.state));
      object.text("reason", requirement.reason);
      object.raw("remedy", json_list(requirement.remedy));
      object.text("source", requirement.source);
      list.raw("\n" + object.finish());
    }
  }
  JsonObject summary;
  for (const State state : {State::ok, State::warn, State::fail, State::skip}) {
    summary.number(to_string(state), count(report, state));
  }
  JsonObject whole;
  whole.raw("summary", summary.finish());
  whole.raw("requirements", list.finish());
  return whole.finish() + "\n";
}

}  // namespace sluice::proxy::check
