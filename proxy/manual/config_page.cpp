#include <vector>

#include "protocol/ascii.hpp"
#include "proxy/manual/pages.hpp"
#include "proxy/manual/roff.hpp"

namespace sluice::proxy::manual {
namespace {

/// Where the comment begins, outside of quotes; npos: there is none.
std::size_t comment_of(std::string_view line) {
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (line[i] == '#' && !quoted) return i;
  }
  return std::string_view::npos;
}

/// A section or key with what is said about it.
struct Entry {
  std::string name;   ///< "[relay.master]", "port"
  std::string value;  ///< " = 3306"; empty for a section
  bool optional = false;
  std::string text;
};

/// The reference: paragraphs, then sections and keys, whose comments may go on in lines that hold
/// nothing else.
class Reference {
 public:
  explicit Reference(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      take(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  std::vector<std::string> paragraphs;
  std::vector<Entry> entries;

 private:
  void take(std::string_view line) {
    if (entries.empty() && (line.empty() || line.starts_with('#')) && !is_key(line)) {
      take_introduction(trimmed(line.starts_with('#') ? line.substr(1) : line));
      return;
    }
    if (line.empty()) return;
    if (line.starts_with(' ')) {
      append(trimmed(line).substr(1));
      return;
    }
    Entry entry;
    if (line.starts_with("# ")) {
      entry.optional = true;
      line.remove_prefix(2);
    }
    const std::size_t comment = comment_of(line);
    const std::string_view code = trimmed(line.substr(0, comment));
    const std::size_t equals = code.find(" = ");
    entry.name = code.substr(0, equals);
    if (equals != std::string_view::npos) entry.value = code.substr(equals);
    entries.push_back(std::move(entry));
    if (comment != std::string_view::npos) append(line.substr(comment + 1));
  }

  static bool is_key(std::string_view line) {
    return line.starts_with("# ") && line.find(" = ") != std::string_view::npos;
  }

  void take_introduction(std::string_view text) {
    if (text.empty() || paragraphs.empty()) paragraphs.emplace_back();
    paragraphs.back().append(paragraphs.back().empty() ? "" : " ").append(text);
  }

  void append(std::string_view text) {
    std::string& all = entries.back().text;
    all.append(all.empty() ? "" : " ").append(trimmed(text));
  }
};

}  // namespace

std::string config_page(std::string_view reference) {
  const Reference all(reference);
  Roff page("sluice.toml", 5, "the configuration of sluice");
  page.heading("DESCRIPTION");
  for (const std::string& paragraph : all.paragraphs) {
    if (!paragraph.empty()) page.paragraph(paragraph);
  }
  page.heading("KEYS");
  page.paragraph("Sections are in the order of the file, and keys as they stand in it.");
  for (const Entry& entry : all.entries) {
    if (entry.value.empty()) {
      page.subheading(entry.name);
      if (!entry.text.empty()) page.paragraph(entry.text);
    } else {
      page.term((entry.optional ? "# " : "") + entry.name, entry.value, entry.text);
    }
  }
  page.heading("FILES");
  page.paragraph(
      "/etc/sluice/sluice.toml is what the service runs. The directory belongs to root and the "
      "group sluice, and nobody else may read it: it holds keys and passwords. "
      "This reference as a file, and shorter ones, are in share/doc/sluice/examples (below /usr "
      "where Sluice is a package).");
  page.heading("SEE ALSO");
  page.paragraph("sluice(1)");
  return page.page();
}

}  // namespace sluice::proxy::manual
