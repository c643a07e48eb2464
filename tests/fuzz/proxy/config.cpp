// The configuration file. Input: the TOML text.
#include "proxy/config/config.hpp"

#include "fuzz/fuzz.hpp"

using namespace sluice;
using fuzz::expect;

namespace {

/// toml++ 3.3 counts on things that do not hold for other characters outside of strings
/// (is_non_ascii_horizontal_whitespace, parse_key): the fuzzer would find nothing else.
bool is_plain(Bytes text) {
  return std::all_of(text.begin(), text.end(), [](std::uint8_t byte) {
    return (byte >= ' ' && byte <= '~') || byte == '\n' || byte == '\t';
  });
}

}  // namespace

FUZZ_TARGET(config) {
  if (!is_plain(input)) return;
  const Buffer text = fuzz::exact(input);
  // A folder that is not there: relative paths find no files.
  const std::filesystem::path path = "/nonexistent/sluice.toml";
  const auto result = proxy::parse_config(as_text(text), path);
  if (const auto* errors = std::get_if<proxy::ConfigErrors>(&result)) {
    expect(!errors->empty(), "a configuration is refused for a reason");
    for (const auto& error : *errors) {
      expect(error.file == path && !error.text.empty(), "which names the file");
      expect(!error.to_string().empty(), "and can be shown");
    }
    return;
  }
  const auto& config = std::get<proxy::Config>(result);
  expect(!config.relays.empty(), "there is a relay");
  for (const auto& relay : config.relays) {
    expect(!relay.name.empty() && !relay.listen.empty(), "it has a name and an address");
    expect(!relay.master.host.empty() && !relay.master.user.empty(), "and a master");
    expect(!relay.replica.users.empty() && relay.replica.max_logins > 0, "and lets somebody in");
    (void)relay.filter.rules.drops("mysql", "user");
    (void)relay.filter.rules.drops_schema("app");
  }
}
