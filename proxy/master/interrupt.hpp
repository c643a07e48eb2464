// Ends from outside what a coroutine does on a connection of its own, or on the way to one.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "proxy/network/connection.hpp"

namespace sluice::proxy {

/// For work that connects, talks and hangs up within one call: whoever has started it keeps this,
/// on the same thread, and can end it wherever it has got to.
class Interrupt {
 public:
  /// Ends the work. Does nothing the second time.
  void raise(std::string_view reason) {
    if (raised()) return;
    reason_ = reason;
    if (const auto connection = connection_.lock()) connection->close(reason);
    if (wait_ != nullptr) wait_->cancel();
  }
  [[nodiscard]] bool raised() const { return !reason_.empty(); }
  [[nodiscard]] const std::string& reason() const { return reason_; }

  /// From the work: what raise() is to close.
  void watch(const std::shared_ptr<Connection>& connection) { connection_ = connection; }
  /// The same for a wait; null when it is over.
  void watch(Timer* wait) { wait_ = wait; }

 private:
  std::string reason_;
  std::weak_ptr<Connection> connection_;
  Timer* wait_ = nullptr;
};

}  // namespace sluice::proxy
