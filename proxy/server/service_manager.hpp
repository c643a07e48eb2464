// What systemd, or whoever else started the program as a service, is told about it (sd_notify(3)).
#pragma once

#include <string>
#include <string_view>

namespace sluice::proxy {

/// Nobody is told anything where $NOTIFY_SOCKET is not set, nor where it cannot be written to.
class ServiceManager {
 public:
  ServiceManager();

  /// It serves, by a configuration that was just loaded or by the one before. `status`: one line
  /// for people, as `systemctl status` shows it.
  void ready(std::string_view status) const;
  /// Between this and ready() a `systemctl reload` waits.
  void reloading() const;
  void stopping(std::string_view status) const;

 private:
  void tell(const std::string& message) const;

  std::string socket_;  // a path; with '@' in front, a name without a file
};

}  // namespace sluice::proxy
