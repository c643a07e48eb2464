// Reads what an admin interface tells over a WebSocket.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/result.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/auth/secret.hpp"
#include "proxy/tap/admin_url.hpp"

namespace sluice::proxy::tap {

using TlsOfTap = std::shared_ptr<boost::asio::ssl::context>;

/// With which authorities, of a PEM file or, if it is not named, the system's, a certificate is
/// verified. The error is a phrase.
[[nodiscard]] boost::system::result<TlsOfTap, std::string> trust(const std::string& ca);

struct TapConnection {
  AdminUrl url;
  TlsOfTap tls;        ///< for https
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
