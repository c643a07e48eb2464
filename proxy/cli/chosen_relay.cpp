#include "proxy/cli/chosen_relay.hpp"

#include "proxy/base/list_text.hpp"

namespace sluice::proxy {

Parsed<RelayConfig> load_chosen_relay(const std::string& path, const std::string& name) {
  auto loaded = load_config(path);
  if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
    std::string text;
    for (const auto& error : *errors) text += (text.empty() ? "" : "\n") + error.to_string();
    return Refused::because(std::move(text));
  }
  auto& relays = std::get<Config>(loaded).relays;
  std::string names;
  for (RelayConfig& relay : relays) {
    if (name.empty() ? relays.size() == 1 : relay.name == name) return std::move(relay);
    add_to_list(names, relay.name);
  }
  return Refused::because(path + ": name one of its relays with --relay: " + names);
}

}  // namespace sluice::proxy
