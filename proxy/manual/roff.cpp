#include "proxy/manual/roff.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace sluice::proxy::manual {
namespace {

/// What roff would read as its own: escapes, and signs that it turns into typography.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '"':
        out += "\\(dq";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_upper);
  return out;
}

/// A line that begins with a point or quote would be a request.
std::string line(std::string_view text) {
  std::string out = escaped(text);
  if (out.starts_with('.')) out.insert(0, "\\&");
  return out + "\n";
}

}  // namespace

Roff::Roff(std::string_view name, int section, std::string_view what) {
  page_ = ".TH " + escaped(upper(name)) + " " + std::to_string(section) + " \"\" \"sluice " +
          escaped(SLUICE_VERSION) + "\" \"Sluice\"\n.ad l\n.nh\n";
  heading("NAME");
  page_ += escaped(name) + " \\- " + escaped(what) + "\n";
}

void Roff::heading(std::string_view text) {
  page_ += ".SH " + escaped(text) + "\n";
  fresh_ = true;
}

void Roff::subheading(std::string_view text) {
  page_ += ".SS " + escaped(text) + "\n";
  fresh_ = true;
}

void Roff::begin_paragraph() {
  // Behind a heading there is one already.
  if (!fresh_) page_ += ".PP\n";
  fresh_ = false;
}

void Roff::paragraph(std::string_view text) {
  begin_paragraph();
  page_ += line(text);
}

void Roff::term(std::string_view bold, std::string_view plain, std::string_view text) {
  fresh_ = false;
  page_ += ".TP\n\\fB" + escaped(bold) + "\\fR" + escaped(plain) + "\n" + line(text);
}

void Roff::literal(std::string_view text) {
  begin_paragraph();
  page_ += ".nf\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    page_ += line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  page_ += ".fi\n";
}

void Roff::text(std::string_view text) {
  std::string words;
  std::string lines;
  const auto flush = [&] {
    if (!words.empty()) paragraph(words);
    if (!lines.empty()) literal(lines);
    words.clear();
    lines.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool indented = one.starts_with("  ");
    if (one.empty() || (indented ? !words.empty() : !lines.empty())) flush();
    if (indented) {
      lines.append(one).append("\n");
    } else if (!one.empty()) {
      words.append(words.empty() ? "" : " ").append(one);
    }
  }
  flush();
}

}  // namespace sluice::proxy::manual
