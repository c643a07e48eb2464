// What is copied for those who tap a session: each entry can be told without any other one, as
// others may be lost.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "filters/stream/event_observer.hpp"
#include "protocol/bytes.hpp"

namespace sluice::proxy::tap {

/// What does not change of a session.
struct SessionFacts {
  std::uint32_t id = 0;
  std::string relay;
  std::string peer;  ///< address and port
  boost::asio::ip::tcp::endpoint replica;
  boost::asio::ip::tcp::endpoint sluice;
};

enum class Direction : std::uint8_t {
  up,    ///< from the replica
  down,  ///< to it
};

/// What a packet is, which its bytes alone do not tell.
enum class PacketKind : std::uint8_t {
  greeting,
  tls_request,  ///< what follows is not encrypted where it is tapped
  login_request,
  authentication,
  answer,  ///< to a login or a command
  command,
  acknowledgement,
  event,  ///< of a dump, or what ends it
};

struct PacketEntry {
  PacketKind kind = PacketKind::answer;
  Direction direction = Direction::down;
  std::uint64_t offset = 0;  ///< in what was copied of this direction, lost or not
  std::uint64_t size = 0;    ///< in bytes, with the header
  Buffer bytes;              ///< the first of them, as many as may be shown
};

struct EventEntry {
  std::string file;
  std::uint64_t position = 0;
  binlog::EventHeader header;
  Buffer event;  ///< the first bytes of it, as many as are needed
  /// Of a row event: the event that announced its table, if it is needed and known.
  std::shared_ptr<const Buffer> table_map;
  std::shared_ptr<const binlog::FormatDescription> format;
  bool dropped = false;
  bool in_payload = false;
  std::optional<filters::DropRule> rule;
  std::optional<filters::StatementKind> statement;
  std::string schema;
  std::string table;
  std::string gtid;  ///< of its group
  bool with_content = false;
};

/// The session has begun, or ended.
struct SessionEntry {
  bool begins = false;
  std::string reason;  ///< of its end
};

struct TapEntry {
  std::shared_ptr<const SessionFacts> session;
  std::chrono::system_clock::time_point time;
  std::variant<PacketEntry, EventEntry, SessionEntry> what;

  /// So much memory it takes, about, and no less: what it shares counts as its own.
  [[nodiscard]] std::size_t cost() const {
    std::size_t bytes = sizeof(TapEntry);
    if (const auto* packet = std::get_if<PacketEntry>(&what)) bytes += packet->bytes.size();
    if (const auto* event = std::get_if<EventEntry>(&what)) {
      bytes += event->event.size() + event->file.size() + event->schema.size() +
               event->table.size() + event->gtid.size();
      if (event->table_map) bytes += event->table_map->size();
    }
    if (const auto* session_entry = std::get_if<SessionEntry>(&what)) {
      bytes += session_entry->reason.size();
    }
    return bytes;
  }
};

}  // namespace sluice::proxy::tap
