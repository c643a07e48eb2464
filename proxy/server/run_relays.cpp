#include "proxy/server/run_relays.hpp"

#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <variant>

#include "proxy/cli/exit_status.hpp"
#include "proxy/config/config.hpp"
#include "proxy/log/logging.hpp"
#include "proxy/server/server.hpp"

namespace sluice::proxy {
namespace {

/// A session has two connections. The usual soft limit of 1024 files is for programs that use
/// select(); the hard one is the administrator's.
void raise_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &files);
}

/// A service may be told to load its configuration anew as soon as the program is there; the
/// signal's default action is deadly.
void keep_reloads_waiting(bool waiting) {
  sigset_t reload{};
  sigemptyset(&reload);
  sigaddset(&reload, SIGHUP);
  pthread_sigmask(waiting ? SIG_BLOCK : SIG_UNBLOCK, &reload, nullptr);
}

/// Neither ends the program: that a name server has left (the C library writes to it without
/// MSG_NOSIGNAL, send_vc() in resolv/res_send.c), or whoever read the log.
void ignore_broken_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int run_relays(const std::string& config_path) {
  ignore_broken_pipes();
  keep_reloads_waiting(true);
  auto loaded = load_config(config_path);
  if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
    for (const auto& error : *errors) std::cerr << error.to_string() << '\n';
    return wrong_usage;
  }
  auto& config = std::get<Config>(loaded);
  const log::Background background(config.log);
  log::info("sluice", {{"version", SLUICE_VERSION}, {"config", config_path}});
  for (const auto& warning : config.warnings) {
    log::warn("configuration", {{"reason", warning.to_string()}});
  }
  raise_file_limit();
  Server server(std::move(config), config_path);
  keep_reloads_waiting(false);
  if (const auto problems = server.open(); !problems.empty()) {
    for (const auto& problem : problems.all()) log::error("cannot start", {{"reason", problem}});
    return problems.configuration.empty() ? failed : wrong_usage;
  }
  server.run();
  return done;
}

}  // namespace sluice::proxy
