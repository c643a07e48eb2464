// Looks at everything and judges it.
#pragma once

#include <optional>
#include <string>

#include "proxy/check/cloud.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy::check {

/// Another account than the relay's, for questions that it may not ask.
struct Credentials {
  std::string user;
  auth::Secret password;
};

struct ReplicaOptions {
  std::string host;
  std::uint16_t port = 3306;
  Credentials login;
  MasterTls tls;
};

struct CheckOptions {
  std::string config_path;
  std::string relay;  ///< empty: all of them
  Cloud cloud = Cloud::azure;
  bool list_accounts = false;
  bool offline = false;  ///< the configuration and its files only
  std::optional<Credentials> as;
  std::optional<ReplicaOptions> replica;
  std::string replica_version;  ///< without a replica; may be empty
};

/// Changes nothing anywhere. `config`: the loaded file.
[[nodiscard]] Report check_up(const CheckOptions& options, const Config& config);

}  // namespace sluice::proxy::check
