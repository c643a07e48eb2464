#include "proxy/link/coordinates.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "protocol/ascii.hpp"
#include "protocol/binlog/file_check.hpp"
#include "protocol/binlog/gtid_event.hpp"
#include "proxy/check/statements.hpp"
#include "proxy/events/time_text.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::link {
namespace {

bool is_hexadecimal(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// "1", "1-5"
bool is_interval(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::string_view first = text.substr(0, dash);
  if (first.empty() || !std::ranges::all_of(first, is_digit)) return false;
  if (dash == std::string_view::npos) return true;
  const std::string_view last = text.substr(dash + 1);
  return !last.empty() && std::ranges::all_of(last, is_digit);
}

/// dev.mysql.com/doc/refman/9.0/en/replication-gtids-concepts.html: 1 to 32 letters, digits, '_'.
bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= binlog::max_gtid_tag_size && !is_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hexadecimal(text[i])) return false;
  }
  return true;
}

/// "uuid:1-5:7:tag:1"
bool is_mysql_gtids(std::string_view text) {
  std::size_t end = text.find(':');
  if (end == std::string_view::npos || !is_uuid(text.substr(0, end))) return false;
  bool interval = false;
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find(':');
    const std::string_view part = text.substr(0, end);
    interval = is_interval(part);
    if (!interval && !is_tag(part)) return false;
  }
  return interval;
}

/// "0-1-7": domain, server id, sequence number
bool is_mariadb_gtid(std::string_view text) {
  return std::ranges::count(text, '-') == 2 && is_digit(text.front()) && is_digit(text.back()) &&
         text.find("--") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '-'; });
}

}  // namespace

std::string without_blanks(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return out;
}

Parsed<Coordinates> parse_position(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  Coordinates found;
  if (colon != std::string_view::npos && colon > 0) {
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, found.position);
    if (error == std::errc{} && stopped == end && found.position >= binlog::file_magic_size) {
      found.file = text.substr(0, colon);
      found.origin = "--position";
      return found;
    }
  }
  return Refused(text, "is no FILE:POSITION such as binlog.000042:1234");
}

bool is_gtid_set(std::string_view text, bool mariadb) {
  if (text.empty()) return false;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view one = text.substr(0, comma);
    if (one.empty() || !(mariadb ? is_mariadb_gtid(one) : is_mysql_gtids(one))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

Parsed<Coordinates> ask_for_coordinates(SqlClient& client, const check::ServerFacts& master) {
  const auto answer =
      client.query(master.is_mysql(8, 4) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  if (!answer) {
    return Refused::because("the master does not tell where its binlog ends: " +
                            answer.error().text + "; sluice check says what its account lacks");
  }
  if (answer->rows.empty()) return Refused::because("the master writes no binlog: log_bin is OFF");
  const auto& row = answer->rows[0];
  if (row.size() < 2 || !row[0] || !row[1])
    return Refused::because("the master's answer is none that Sluice knows");
  auto found = parse_position(*row[0] + ":" + *row[1]);
  if (!found) return found;
  if (master.is_mariadb()) {
    found->gtids = client.value("SELECT BINLOG_GTID_POS(" + check::quoted_text(*row[0]) + ", " +
                                *row[1] + ")");
  } else if (master.is_on("gtid_mode") && row.size() > 4) {
    found->gtids = without_blanks(row[4].value_or(""));
  }
  found->kept = true;
  found->origin = "the master's at " +
                  events::time_text(static_cast<std::uint32_t>(std::time(nullptr))) + " UTC";
  return found;
}

}  // namespace sluice::proxy::link
