#include "proxy/link/script.hpp"

namespace sluice::proxy::link {
namespace {

std::string with_marks(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    // A lone "--" is no comment to a server: it must be followed by a space.
    out.append("-- ").append(line).append("\n");
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

void Script::comment(std::string_view text) {
  parts_.push_back({Kind::comment, std::string(text)});
}

void Script::copy(std::string_view text) {
  const bool ends_comment = text.find("*/") != std::string_view::npos;
  parts_.push_back({ends_comment ? Kind::comment : Kind::copy, std::string(text)});
}

void Script::step(std::string_view text) {
  copy(text);
  has_steps_ = true;
}

void Script::statement(std::string text) {
  parts_.push_back({Kind::statement, std::move(text)});
}

std::string Script::text(bool comments) const {
  std::string out;
  bool after_statement = false;
  for (const Part& part : parts_) {
    if (part.kind == Kind::statement) {
      out += part.text + "\n";
    } else if (comments) {
      if (after_statement) out += "\n";
      out += part.kind == Kind::comment ? with_marks(part.text) : "/*\n" + part.text + "\n*/\n";
    }
    after_statement = part.kind == Kind::statement;
  }
  return out;
}

}  // namespace sluice::proxy::link
