// One HTTP connection to the admin interface.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "proxy/admin/routes.hpp"
#include "proxy/network/connection.hpp"

namespace sluice::proxy::admin {

/// Answers requests until the peer goes, is too slow, or asks for too much. `tls` may be null.
/// Both references must outlive the call.
[[nodiscard]] Task<void> serve_http(Socket socket, SSL_CTX* tls, const Knowledge& knowledge);

}  // namespace sluice::proxy::admin
