#include "proxy/admin/status_json.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

using namespace sluice::proxy;

TEST_CASE("events of types without a name are told by their number, none in another's place") {
  admin::SessionSnapshot session;
  session.status.state = SessionStatus::State::streaming;
  auto& counters = session.status.counters;
  for (const std::size_t type : {0U, 16U, 200U, 201U}) {
    counters.by_type.at(type) = type + 1;
    counters.events += type + 1;
  }
  admin::Snapshot snapshot;
  snapshot.sessions.push_back(session);
  const auto told = boost::json::parse(admin::status_json(snapshot));
  const auto& dump = told.at("sessions").at(0).at("dump");
  const boost::json::object expected{
      {"UNKNOWN (0)", 1}, {"XID", 17}, {"UNKNOWN (200)", 201}, {"UNKNOWN (201)", 202}};
  CHECK(dump.at("events_by_type").as_object() == expected);
  CHECK(dump.at("events") == 421);
}
