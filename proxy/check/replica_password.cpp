#include "proxy/check/replica_password.hpp"

#include "proxy/config/config_credentials.hpp"
#include "proxy/config/config_section.hpp"

namespace sluice::proxy::check {

std::optional<ReplicaLogin> find_replica_login(const std::filesystem::path& path,
                                               std::string_view relay) {
  std::optional<ReplicaLogin> found;
  const toml::parse_result document = toml::parse_file(path.string());
  if (!document) return found;
  // What is wrong, such as the keys that nobody asks for here, has been said when it was loaded.
  ConfigReading reading(path);
  Section root(reading, &document.table(), "", {});
  root.for_each("relay", [&](Section& one) {
    std::string name;
    if (!one.text("name", name) || name != relay) return;
    Section replica = one.section("replica");
    replica.for_each("user", [&](Section& user) {
      if (found || user.has("password_hash")) return;
      ReplicaLogin login;
      if (!user.text("name", login.user)) return;
      auto password = read_password(user);
      if (!password) return;
      login.password = *std::move(password);
      found = std::move(login);
    });
  });
  return found;
}

}  // namespace sluice::proxy::check
