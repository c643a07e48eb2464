#include "proxy/check/server_facts.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/ascii.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::check {
namespace {

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), to_lower);
  return text;
}

}  // namespace

const std::string* ServerFacts::find(std::string_view variable) const {
  const auto found = variables.find(variable);
  return found == variables.end() ? nullptr : &found->second;
}

std::optional<double> ServerFacts::number(std::string_view variable) const {
  const std::string* text = find(variable);
  if (text == nullptr) return std::nullopt;
  double value = 0;
  const char* const end = text->data() + text->size();
  const auto [stopped, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

bool ServerFacts::is_on(std::string_view variable) const {
  const std::string* value = find(variable);
  return value != nullptr && (*value == "ON" || *value == "1");
}

std::string to_text(const wire::ServerVersion& version) {
  const auto& number = version.number;
  return (version.is_mariadb() ? "MariaDB " : "MySQL ") + std::to_string(number.major) + "." +
         std::to_string(number.minor) + "." + std::to_string(number.patch);
}

std::optional<ServerFacts> facts_of_version(std::string_view text) {
  text = wire::without_replication_prefix(text);
  const auto version = wire::parse_server_version(text);
  if (!version) return std::nullopt;
  return ServerFacts{std::string(text), *version, {}};
}

std::optional<ServerFacts> facts_of_option(std::string_view text) {
  auto facts = facts_of_version(text);
  // MySQL goes from 9.7 to 26.7, the year and the month; MariaDB has 10 to 13 by then.
  if (facts && facts->version.number.major >= 10 && facts->version.number.major < 26) {
    facts->version.flavour = wire::Flavour::mariadb;
  }
  return facts;
}

boost::system::result<ServerFacts, QueryError> ask_for_facts(SqlClient& client) {
  auto facts = facts_of_version(client.greeting().server_version);
  if (!facts) return QueryError{0, "its version is none: " + client.greeting().server_version};
  if (client.greeting().is_mariadb()) facts->version.flavour = wire::Flavour::mariadb;
  const auto answer = client.query("SHOW GLOBAL VARIABLES");
  if (!answer) return QueryError{answer.error()};
  for (const auto& row : answer->rows) {
    if (row.size() < 2 || !row[0]) continue;
    facts->variables.emplace(in_lower_case(*row[0]), row[1].value_or(""));
  }
  return *std::move(facts);
}

}  // namespace sluice::proxy::check
