// The manual and the completions name every option and key.
#include "proxy/manual/pages.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "proxy/command_line.hpp"
#include "proxy/config/config_document.hpp"
#include "proxy/manual/options.hpp"
#include "proxy/manual/roff.hpp"
#include "unit/test_data.hpp"

namespace sluice::proxy::manual {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// As a page writes it.
std::string in_roff(std::string text) {
  for (std::size_t at = text.find('-'); at != std::string::npos; at = text.find('-', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

TEST_CASE("manual: every option of every command stands in the page and in both completions") {
  const CommandLine command_line;
  const CLI::App& app = command_line.app();
  const std::string page = command_page(app);
  const std::string bash = bash_completion(app);
  const std::string zsh = zsh_completion(app);
  CHECK(commands_of(app).size() >= 5);
  std::size_t options = 0;
  for (const CLI::App* command : commands_of(app)) {
    CAPTURE(command->get_name());
    const std::size_t begin = page.find(".SS " + command->get_name() + "\n");
    REQUIRE(begin != std::string::npos);
    const std::string part = page.substr(begin, page.find(".S", begin + 3) - begin);
    // Straight from the library, without our own choice among them.
    for (const CLI::Option* option : command->get_options()) {
      ++options;
      for (const std::string& name : option->get_lnames()) {
        CAPTURE(name);
        CHECK(contains(part, in_roff("--" + name)));
        CHECK(contains(bash, "--" + name));
        CHECK(contains(zsh, "'--" + name));
      }
      CHECK_FALSE(option->get_description().empty());
      CHECK(option->get_type_name() != "TEXT");
    }
    CHECK(contains(part, "Exit status"));
    CHECK((command->get_name() == "inspect" || contains(part, "Examples:")));
  }
  CHECK(options > 40);
}

TEST_CASE("manual: every key of the configuration stands in its page, under its section") {
  std::ifstream file(test::conf("sluice.toml"));
  const std::string reference{std::istreambuf_iterator<char>(file),
                              std::istreambuf_iterator<char>()};
  const std::string page = config_page(reference);
  ConfigReading reading("sluice.toml");
  const toml::parse_result document = toml::parse(reference);
  REQUIRE(document);
  const Config config = read_document(document.table(), reading);
  std::size_t keys = 0;
  for (const std::string& known : reading.known_keys()) {
    CAPTURE(known);
    const bool is_section =
        contains(page, ".SS [" + known + "]") || contains(page, ".SS [[" + known + "]]");
    if (is_section) continue;
    const std::size_t dot = known.rfind('.');
    if (dot == std::string::npos) {
      // A table of tables alone.
      FAIL_CHECK("neither section nor key of one");
      continue;
    }
    ++keys;
    const std::string section = known.substr(0, dot);
    std::size_t begin = page.find(".SS [" + section + "]");
    if (begin == std::string::npos) begin = page.find(".SS [[" + section + "]]");
    REQUIRE(begin != std::string::npos);
    const std::string part = page.substr(begin, page.find(".S", begin + 3) - begin);
    const std::string key = known.substr(dot + 1);
    CHECK((contains(part, "\\fB" + key + "\\fR = ") || contains(part, "\\fB# " + key + "\\fR = ")));
  }
  CHECK(keys > 50);
}

TEST_CASE("manual: what roff would take for its own") {
  Roff page("a-b", 1, "what");
  page.heading("HEAD");
  page.paragraph("first 'quoted' \\ line");
  page.paragraph(".request");
  page.text("words\ngo on\n  literal\n  lines\n\nafter");
  CHECK(
      page.page().find(".SH HEAD\nfirst \\(aqquoted\\(aq \\e line\n.PP\n\\&.request\n.PP\nwords go "
                       "on\n.PP\n.nf\n  literal\n  lines\n.fi\n.PP\nafter\n") != std::string::npos);
}

}  // namespace
}  // namespace sluice::proxy::manual
