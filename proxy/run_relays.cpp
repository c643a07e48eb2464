#include "proxy/run_relays.hpp"

#include <iostream>
#include <variant>

#include "proxy/config.hpp"
#include "proxy/exit_status.hpp"
#include "proxy/logging.hpp"
#include "proxy/server.hpp"

namespace sluice::proxy {

int run_relays(const std::string& config_path) {
  auto loaded = load_config(config_path);
  if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
    for (const auto& error : *errors) std::cerr << error.to_string() << '\n';
    return wrong_usage;
  }
  auto& config = std::get<Config>(loaded);
  log::start(config.log);
  log::info("sluice", {{"version", SLUICE_VERSION}, {"config", config_path}});
  for (const auto& warning : config.warnings) {
    log::warn("configuration", {{"reason", warning.to_string()}});
  }
  Server server(std::move(config), config_path);
  if (const auto problems = server.open(); !problems.empty()) {
    for (const auto& problem : problems) log::error("cannot start", {{"reason", problem}});
    return failed;
  }
  server.run();
  return done;
}

}  // namespace sluice::proxy
