#include "proxy/replica/session_registry.hpp"

#include <doctest/doctest.h>

using sluice::proxy::ReplicaSession;
using sluice::proxy::SessionRegistry;

TEST_CASE("whether a session lives can be asked without keeping it") {
  SessionRegistry sessions;
  auto life = std::make_shared<int>();
  std::shared_ptr<ReplicaSession> session(life, nullptr);
  sessions.add(7, session);
  CHECK(sessions.contains(7));
  CHECK_FALSE(sessions.contains(8));
  CHECK(life.use_count() == 2);
  session.reset();
  life.reset();
  CHECK_FALSE(sessions.contains(7));
}
