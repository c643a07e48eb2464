// JSON objects and lists that are written member by member.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "protocol/json_text.hpp"

namespace sluice::proxy {

class JsonObject {
 public:
  void text(std::string_view key, std::string_view value) {
    name(key);
    append_json_string(out_, value);
  }
  void number(std::string_view key, std::uint64_t value) {
    name(key);
    out_ += std::to_string(value);
  }
  void flag(std::string_view key) {
    name(key);
    out_ += "true";
  }
  /// The value follows in whatever is written next.
  void name(std::string_view key) {
    out_ += out_.empty() && !started_ ? "{" : ", ";
    append_json_string(out_, key);
    out_ += ": ";
  }
  void raw(std::string_view key, std::string_view json) {
    name(key);
    out_ += json;
  }
  /// What there is so far; what comes next goes on behind it.
  std::string take() {
    started_ = started_ || !out_.empty();
    return std::exchange(out_, {});
  }
  /// The rest, and the end.
  std::string finish() {
    const std::string rest = take();
    return started_ ? rest + "}" : "{}";
  }

 private:
  std::string out_;
  bool started_ = false;
};

class JsonList {
 public:
  explicit JsonList(std::string_view between = ", ") : between_(between) {}

  void text(std::string_view value) {
    next();
    append_json_string(out_, value);
  }
  void raw(std::string_view json) {
    next();
    out_ += json;
  }
  std::string finish() { return std::move(out_) + "]"; }

 private:
  void next() {
    if (out_.size() > 1) out_ += between_;
  }

  std::string out_ = "[";
  std::string_view between_;
};

}  // namespace sluice::proxy
