#include "protocol/wire/capabilities.hpp"

#include <doctest/doctest.h>

using namespace sluice::wire;

TEST_CASE("capabilities: nothing that changes a layout is offered or asked for") {
  const Capabilities everything(~0ull);
  for (const auto set : {offered_to_replicas(false, true), offered_to_replicas(true, false),
                         asked_of_master(everything, true)}) {
    for (const auto unwanted :
         {Capability::deprecate_eof, Capability::session_track, Capability::query_attributes,
          Capability::compress, Capability::zstd, Capability::local_files,
          Capability::multi_factor_auth, Capability::mariadb_progress,
          Capability::mariadb_extended_metadata, Capability::optional_resultset_metadata}) {
      CHECK_FALSE(set.has(unwanted));
    }
    CHECK(set.has(Capability::protocol_41));
    CHECK(set.has(Capability::plugin_auth));
  }
}

TEST_CASE("capabilities: MariaDB shows itself by a clear bit, TLS by a set one") {
  CHECK(offered_to_replicas(false, false).has(Capability::long_password));
  CHECK_FALSE(offered_to_replicas(true, false).has(Capability::long_password));
  CHECK(offered_to_replicas(true, true).has(Capability::ssl));
  CHECK_FALSE(offered_to_replicas(true, false).has(Capability::ssl));
}

TEST_CASE("capabilities: only what the master offers is asked of it") {
  const Capabilities offered{Capability::protocol_41, Capability::secure_connection,
                             Capability::plugin_auth};
  const auto asked = asked_of_master(offered, false);
  CHECK_FALSE(asked.has(Capability::connect_attrs));
  CHECK_FALSE(asked.has(Capability::ssl));
  CHECK(asked.has(Capability::long_password));
}
