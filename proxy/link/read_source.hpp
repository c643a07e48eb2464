// Collects what the statements are made of: from the command line, the configuration, a dump, and
// the master.
#pragma once

#include <string>

#include "proxy/check/cloud.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/config/config.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {

/// What the command line says.
struct Arguments {
  std::string config;
  std::string cloud;
  std::string relay;
  std::string user;
  std::string position;
  std::string gtid;  ///< the set; empty: what the dump or the master has
  bool by_gtid = false;
  bool now = false;
  std::string from_dump;
  std::string replica_version;
  std::string ca;
  std::string replica_ca = "/etc/mysql/sluice-ca.pem";
  bool ask_password = false;
  std::string comments = "on";
};

/// How it ended, if it has, and what is said about it.
struct Problem {
  ExitStatus status = done;
  std::string text;

  explicit operator bool() const { return status != done; }
};

[[nodiscard]] Problem wrong(std::string text);

/// Fills `source`; asks the master where what is given does not do.
[[nodiscard]] Problem read_source(const Arguments& arguments, const RelayConfig& relay,
                                  const check::CloudRules& rules, Source& source);

}  // namespace sluice::proxy::link
