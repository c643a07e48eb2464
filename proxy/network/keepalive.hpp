// Whether the other end of a connection is still there.
#pragma once

#include "proxy/config/config.hpp"

namespace sluice::proxy {

/// Has the system ask it, and give up the connection when there is no answer, or when it takes
/// nothing of what is sent for as long. Failures are of no consequence.
void set_keepalive(int socket, const Keepalive& keepalive);

}  // namespace sluice::proxy
