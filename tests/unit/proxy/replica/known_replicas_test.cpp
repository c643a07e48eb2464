#include "proxy/replica/known_replicas.hpp"

#include <doctest/doctest.h>

using sluice::proxy::KnownReplicas;

namespace {

const KnownReplicas::Replica of_mysql{"azure", 7, "3e11fa47-71ca-11e1-9e33-c80aa9429562"};
const KnownReplicas::Replica twin{"azure", 7, "3e11fa47-71ca-11e1-9e33-c80aa9429563"};
const KnownReplicas::Replica of_mariadb{"azure", 7, ""};

}  // namespace

TEST_CASE("a replica that comes back is known by its uuid, too, where it tells one") {
  KnownReplicas known;
  CHECK_FALSE(known.remember(of_mysql, {1, "10.0.0.1"}));
  CHECK_FALSE(known.remember(twin, {2, "10.0.0.1"}));
  CHECK_FALSE(known.remember(of_mariadb, {3, "10.0.0.1"}));
  CHECK_FALSE(known.remember({"rds", 7, ""}, {4, "10.0.0.1"}));
  CHECK_FALSE(known.remember({"azure", 8, ""}, {5, "10.0.0.1"}));
  CHECK(known.remember(of_mysql, {6, "10.0.0.2"}));
  CHECK(known.remember(of_mariadb, {7, "10.0.0.1"}));
}

TEST_CASE("whether a replica has taken up its dump anew, and not another in its name") {
  KnownReplicas known;
  const KnownReplicas::Dump first{1, "10.0.0.1"};
  CHECK_FALSE(known.has_come_back(of_mysql, first));
  known.remember(of_mysql, first);
  CHECK_FALSE(known.has_come_back(of_mysql, first));
  known.remember(twin, {2, "10.0.0.1"});
  CHECK_FALSE(known.has_come_back(of_mysql, first));
  known.remember(of_mysql, {3, "10.0.0.1"});
  CHECK(known.has_come_back(of_mysql, first));
  known.remember(of_mysql, {4, "10.0.0.2"});
  CHECK_FALSE(known.has_come_back(of_mysql, first));
}

TEST_CASE("what replicas say of themselves takes bounded room") {
  KnownReplicas known;
  const std::string uuid(36, 'a');
  CHECK_FALSE(known.remember({"azure", 7, uuid + "b"}, {1, ""}));
  CHECK(known.remember({"azure", 7, uuid + "c"}, {2, ""}));
  CHECK(known.has_come_back({"azure", 7, uuid + "b"}, {1, ""}));
  for (std::uint32_t id = 1; id <= 5000; ++id) known.remember({"azure", id, ""}, {id, ""});
  CHECK(known.remember({"azure", 1, ""}, {1, ""}));
  CHECK_FALSE(known.remember({"azure", 5000, ""}, {1, ""}));
}
