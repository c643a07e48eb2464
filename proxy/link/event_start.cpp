#include "proxy/link/event_start.hpp"

#include <cstdlib>

#include "proxy/check/statements.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::link {
namespace {

/// Of SHOW BINLOG EVENTS, whatever it is that it cannot read.
constexpr std::uint16_t error_when_executing_command = 1220;

// Its columns.
constexpr std::size_t pos = 1;
constexpr std::size_t event_type = 2;
constexpr std::size_t end_log_pos = 4;

std::uint64_t number(const wire::Row& row, std::size_t column) {
  return row.size() > column && row[column] ? std::strtoull(row[column]->c_str(), nullptr, 10) : 0;
}

bool is_gtid(const wire::Row& row) {
  return row.size() > event_type && row[event_type] &&
         row[event_type]->find("Gtid") != std::string::npos;
}

class Events {
 public:
  Events(SqlClient& client, const Coordinates& from)
      : client_(client), file_(check::quoted_text(from.file)), position_(from.position) {}

  /// Servers look for no event: they read what is at the position as if it were one. MariaDB sees
  /// by its checksum that it is none. To MySQL one place in a hundred looks like an event, but
  /// hardly ever like two.
  [[nodiscard]] bool is_event() const {
    const auto two = ask(" FROM " + std::to_string(position_) + " LIMIT 2");
    // At the file's end there is none. MySQL goes on to the next event from inside of the first.
    if (two) return two->rows.empty() || number(two->rows[0], pos) == position_;
    if (two.error().code != error_when_executing_command) return true;
    // What comes behind a GTID may be larger than max_allowed_packet, and is not shown then.
    const auto one = ask(" FROM " + std::to_string(position_) + " LIMIT 1");
    return one && !one->rows.empty() && number(one->rows[0], pos) == position_ &&
           is_gtid(one->rows[0]);
  }

  /// MySQL 8.0 goes on to the next event, too, and says that it begins at the position.
  [[nodiscard]] bool is_inside_of_first() const {
    const auto answer = ask(" LIMIT 4");
    if (!answer || answer->rows.empty()) return false;
    for (const wire::Row& row : answer->rows) {
      if (number(row, pos) == position_) return false;
    }
    return position_ < number(answer->rows.back(), end_log_pos);
  }

 private:
  [[nodiscard]] SqlClient::Answer ask(const std::string& which) const {
    return client_.query("SHOW BINLOG EVENTS IN " + file_ + which);
  }

  SqlClient& client_;
  std::string file_;
  std::uint64_t position_;
};

}  // namespace

std::string why_no_event(SqlClient& client, const check::ServerFacts& master,
                         const Coordinates& from) {
  const Events events(client, from);
  const bool inside = !events.is_event() || (!master.is_mariadb() && events.is_inside_of_first());
  if (!inside) return {};
  return from.origin + ": " + from.file + ":" + std::to_string(from.position) +
         " is inside of an event on the master; SHOW BINLOG EVENTS IN " +
         check::quoted_text(from.file) + " says where events begin (Pos)";
}

}  // namespace sluice::proxy::link
