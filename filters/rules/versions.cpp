#include "filters/rules/versions.hpp"

namespace sluice::filters {

bool is_supported_master(const wire::ServerVersion& master) {
  return master.is_mariadb() ? master.at_least(10, 0) : master.at_least(5, 6);
}

std::optional<bool> is_same_series(const wire::ServerVersion& master,
                                   std::string_view client_version) {
  const auto replica = wire::parse_server_version(client_version);
  if (!replica) return std::nullopt;
  return replica->number.major == master.number.major &&
         replica->number.minor == master.number.minor;
}

}  // namespace sluice::filters
