// What is to be run on the replica, as it is printed: statements, and comments between them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::proxy::link {

class Script {
 public:
  /// A line, or several with newlines between them.
  void comment(std::string_view text);
  /// Text to be copied as it stands, such as a file's: a comment without marks before its lines.
  void copy(std::string_view text);
  /// The same of what must be done: without it the statements alone are wrong.
  void step(std::string_view text);
  /// With its semicolon.
  void statement(std::string text);

  /// `comments`: false leaves the statements alone.
  [[nodiscard]] std::string text(bool comments) const;
  [[nodiscard]] bool has_steps() const { return has_steps_; }

 private:
  enum class Kind : unsigned char { comment, copy, statement };
  struct Part {
    Kind kind;
    std::string text;
  };

  std::vector<Part> parts_;
  bool has_steps_ = false;
};

}  // namespace sluice::proxy::link
