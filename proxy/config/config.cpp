#include "proxy/config/config.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "proxy/config/config_admin.hpp"
#include "proxy/config/config_document.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/config/config_relay.hpp"

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

LogSettings read_log(Section section) {
  LogSettings log;
  section.choice("level", log.level, log_levels);
  section.choice("format", log.format, log_formats);
  return log;
}

}  // namespace

Config read_document(const toml::table& document, ConfigReading& reading) {
  Config config;
  Section root(reading, &document, "", {});
  config.log = read_log(root.section("log"));
  root.section("runtime").number("threads", config.threads, 1, 1024);
  root.section("shutdown").duration("grace", config.shutdown_grace, 0s, 1h);
  TakenNames taken;
  Section admin = root.section("admin");
  if (root.has("admin")) config.admin = read_admin(admin, taken);
  const std::size_t count = root.for_each(
      "relay", [&](Section& relay) { config.relays.push_back(read_relay(relay, taken)); });
  if (count == 0) root.missing("relay", "at least one [[relay]]");
  config.warnings = reading.warnings();
  config.files = reading.files();
  return config;
}

namespace {

/// toml++ quotes what it could not read: that may be most of a password without quotes. A character
/// or two tell nothing, nor do names.
std::string without_values(std::string_view description) {
  constexpr auto none = std::string_view::npos;
  if (description.find("cannot redefine") != none) return std::string(description);
  constexpr std::size_t harmless = 2;
  std::string text;
  for (std::size_t at = 0; at < description.size();) {
    const std::size_t open = description.find('\'', at);
    const std::size_t close = open == none ? open : description.find('\'', open + 1);
    if (close == none) return text.append(description.substr(at, open - at));
    const bool harmless_value = close - open - 1 <= harmless;
    text.append(description.substr(at, open - at));
    text.append(harmless_value ? description.substr(open, close + 1 - open) : "'...'");
    at = close + 1;
  }
  return text;
}

/// Whether what may not stand in a text is the end of its line: where there is no other control
/// character in the line. toml++ does not say which one it has met.
bool is_unclosed(std::string_view description, std::string_view document, std::size_t line) {
  if (description.find("control characters") == std::string_view::npos) return false;
  for (; line > 1; --line) document.remove_prefix(document.find('\n') + 1);
  std::string_view text = document.substr(0, document.find('\n'));
  if (text.ends_with('\r')) text.remove_suffix(1);
  constexpr unsigned char first_printable = 0x20, del = 0x7F;
  return std::ranges::none_of(
      text, [](unsigned char c) { return (c < first_printable && c != '\t') || c == del; });
}

}  // namespace

std::variant<Config, ConfigErrors> parse_config(std::string_view text,
                                                const std::filesystem::path& path) {
  ConfigReading reading(path);
  const toml::parse_result document = toml::parse(text);
  if (!document) {
    const auto& error = document.error();
    const auto& begin = error.source().begin;
    std::string why = without_values(error.description());
    if (why.find("could not determine value type") != std::string::npos) {
      why += "; a text stands in quotes";
    } else if (is_unclosed(why, text, begin.line)) {
      why = "the quote at the end of a text is missing in this line";
    }
    reading.error({begin.line, begin.column}, "", std::move(why));
    return reading.errors();
  }
  Config config = read_document(document.table(), reading);
  if (auto errors = reading.errors(); !errors.empty()) return errors;
  return config;
}

std::variant<Config, ConfigErrors> load_config(const std::filesystem::path& path) {
  const auto failed = [&path](const std::string& why) {
    return ConfigErrors{{path.string(), 0, 0, "", "cannot be read: " + why}};
  };
  if (const std::string why = why_unreadable(path.string()); !why.empty()) return failed(why);
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return failed(std::generic_category().message(errno));
  auto parsed = parse_config(text, path);
  OPENSSL_cleanse(text.data(), text.size());  // there may be passwords in it
  return parsed;
}

}  // namespace sluice::proxy
