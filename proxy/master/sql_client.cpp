#include "proxy/master/sql_client.hpp"

#include <exception>

namespace sluice::proxy {
namespace {

Task<bool> say_goodbye(MasterConnection& connection) {
  co_await connection.quit();
  co_return true;
}

}  // namespace

SqlClient::Opened SqlClient::open(const MasterTarget& target, Until until) {
  std::unique_ptr<SqlClient> client(new SqlClient());
  auto opened = client->wait(MasterConnection::open(target, client->interrupt_, until));
  if (!opened) return std::move(opened).error();
  client->connection_ = *std::move(opened);
  client->logged_in_ = until == Until::logged_in;
  return client;
}

SqlClient::~SqlClient() {
  try {
    if (logged_in_) wait(say_goodbye(*connection_));
  } catch (const std::exception&) {
    // The connection is closed all the same.
  }
  // Its timers belong to the context.
  connection_.reset();
}

SqlClient::Answer SqlClient::query(std::string_view text) {
  connection_->connection().set_deadline(longest_answer, "waiting for an answer");
  Answer answer = wait(connection_->query(text, max_answer));
  connection_->connection().clear_deadline();
  return answer;
}

std::optional<std::string> SqlClient::value(std::string_view text) {
  return first_value(query(text));
}

}  // namespace sluice::proxy
