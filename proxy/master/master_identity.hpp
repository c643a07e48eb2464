// What Sluice's greeting says about the master: replicas decide by its version what to expect.
#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "protocol/wire/greeting.hpp"
#include "protocol/wire/server_version.hpp"

namespace sluice::proxy {

struct MasterIdentity {
  std::string version;  ///< the greeting's text, verbatim
  bool mariadb = false;

  bool operator==(const MasterIdentity&) const = default;

  /// The plugin that a replica of the master's own version starts with.
  [[nodiscard]] std::string default_plugin() const {
    const auto parsed = wire::parse_server_version(version);
    const bool old = mariadb || !parsed || !parsed->at_least(8, 0);
    return old ? "mysql_native_password" : "caching_sha2_password";
  }
};

[[nodiscard]] inline MasterIdentity identity_of(const wire::Greeting& greeting) {
  return {greeting.server_version, greeting.is_mariadb()};
}

/// The newest that any connection to the master has shown. For all threads.
class KnownMaster {
 public:
  [[nodiscard]] std::optional<MasterIdentity> get() const {
    const std::lock_guard lock(mutex_);
    return identity_;
  }
  /// Returns whether it is new.
  bool learn(const wire::Greeting& greeting) {
    MasterIdentity seen = identity_of(greeting);
    const std::lock_guard lock(mutex_);
    if (identity_ == seen) return false;
    identity_ = std::move(seen);
    return true;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<MasterIdentity> identity_;
};

}  // namespace sluice::proxy
