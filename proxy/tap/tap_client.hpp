// Reads what an admin interface tells over a WebSocket.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "protocol/auth/secret.hpp"
#include "proxy/tap/admin_url.hpp"

namespace sluice::proxy::tap {

struct TapConnection {
  AdminUrl url;
  std::string ca;      ///< PEM file; empty: the system's store
  auth::Secret token;  ///< empty: none is sent
  std::string target;  ///< path and query
};

struct TapEnd {
  bool good = false;   ///< the other side was at its end, and said so
  std::string reason;  ///< a sentence
};

/// Calls `connected`, then `receive` with each message and whether it is text, until one of them
/// returns false or the other side ends.
[[nodiscard]] TapEnd read_tap(const TapConnection& connection,
                              const std::function<bool()>& connected,
                              const std::function<bool(std::string_view, bool)>& receive);

}  // namespace sluice::proxy::tap
