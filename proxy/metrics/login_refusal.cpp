#include "proxy/metrics/login_refusal.hpp"

namespace sluice::proxy {

std::string_view to_string(LoginRefusal refusal) {
  switch (refusal) {
    case LoginRefusal::address:
      return "address";
    case LoginRefusal::proxy_header:
      return "proxy_header";
    case LoginRefusal::too_many_logins:
      return "too_many_logins";
    case LoginRefusal::tls:
      return "tls";
    case LoginRefusal::credentials:
      return "credentials";
    case LoginRefusal::too_many_sessions:
      return "too_many_sessions";
    case LoginRefusal::version:
      return "version";
    case LoginRefusal::master_unreachable:
      return "master_unreachable";
    case LoginRefusal::broken:
      return "broken";
  }
  return {};
}

}  // namespace sluice::proxy
