#include "proxy/network/keepalive.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <climits>

namespace sluice::proxy {

void set_keepalive(int socket, const Keepalive& keepalive) {
  if (keepalive.idle.count() == 0) return;
  const auto set = [socket](int level, int name, long value) {
    const int number = static_cast<int>(value);
    (void)::setsockopt(socket, level, name, &number, sizeof number);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, keepalive.idle.count());
  set(IPPROTO_TCP, TCP_KEEPINTVL, keepalive.interval.count());
  set(IPPROTO_TCP, TCP_KEEPCNT, keepalive.count);
  // Keepalive probes an idle connection only. This is for one with data on its way, to a peer that
  // is gone or takes nothing.
  const auto patience = keepalive.idle + keepalive.interval * keepalive.count;
  set(IPPROTO_TCP, TCP_USER_TIMEOUT,
      std::min<long>(std::chrono::milliseconds(patience).count(), INT_MAX));
}

}  // namespace sluice::proxy
