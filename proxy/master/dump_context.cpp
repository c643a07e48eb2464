#include "proxy/master/dump_context.hpp"

#include <boost/asio/post.hpp>

#include "filters/stream/stream_buffer.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/packet.hpp"
#include "protocol/wire/response.hpp"
#include "proxy/base/failure_text.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;

namespace {

using filters::StreamFilter;

/// The same dialect that replicas ask for, or events would have other sizes. No uuid and no server
/// id: the master must not take this for the replica's own connection and end the other one.
/// Nullopt: it has begun, else why not.
Task<std::optional<std::string>> begin_dump(MasterConnection& master, const std::string& file) {
  const bool mariadb = master.greeting().is_mariadb();
  const auto ready = co_await master.query(
      "SET @master_binlog_checksum = @@global.binlog_checksum, "
      "@source_binlog_checksum = @@global.binlog_checksum");
  if (!ready) co_return ready.error().text;

  // On a slow way it is needed.
  if (!co_await master.ask_for_patience()) co_return master.connection().error();

  Buffer command;
  wire::BinlogDump dump;
  dump.flags = wire::dump_non_block;
  if (mariadb) {
    const auto able = co_await master.query("SET @mariadb_slave_capability = 4");
    if (!able) co_return able.error().text;
    dump.flags |= wire::dump_annotate_rows;
  }
  dump.file = file;
  wire::serialize(dump, command);
  const bool sent = co_await master.send(command);
  if (!sent) co_return master.connection().error();
  co_return std::nullopt;
}

/// By the packet with which the master has ended the dump.
std::string end_of(Bytes packet) {
  const auto error = wire::parse_err(packet.subspan(wire::packet_header_size));
  if (!error) return "the master's file ends before that position";
  return "the master: " + std::to_string(error->code) + " " + error->message;
}

}  // namespace

Task<boost::system::result<filters::GroupState, NoContext>> find_context(
    const MasterTarget& target, MasterConnection::Address address, const filters::TableRules& rules,
    const filters::Coordinates& at, Interrupt& interrupt,
    const std::function<Task<void>()>& meanwhile) {
  auto opened = co_await MasterConnection::open(target, interrupt,
                                                MasterConnection::Until::logged_in, address);
  if (!opened) co_return NoContext{opened.error().text};
  MasterConnection& master = **opened;
  // As for the replica's own questions (ReplicaSession::wait_for_answer).
  master.connection().set_deadline(target.config.connect_timeout * 6, "asking for a dump");
  const auto refused = co_await begin_dump(master, at.file);
  if (refused) co_return NoContext{"the master did not begin a dump: " + *refused};
  master.connection().clear_deadline();
  master.connection().start_streaming();

  StreamFilter filter(rules);
  filter.stop_at_position(at.position);
  filters::StreamBuffer buffer;
  for (;;) {
    const std::size_t size = co_await master.connection().read_some(buffer.free_space());
    if (size == 0) co_return NoContext{"reading from the master: " + master.connection().error()};
    buffer.received(size);
    co_await meanwhile();
    const Bytes released = buffer.pending().first(filter.scan(buffer.pending()));
    switch (filter.state()) {
      case StreamFilter::State::flowing:
        break;
      case StreamFilter::State::stopped:
        co_return filter.context();
      case StreamFilter::State::ended:
        co_return NoContext{end_of(released.last(filter.end_size()))};
      case StreamFilter::State::needs_context:
        co_return NoContext{"the master's file does not begin at its beginning"};
      case StreamFilter::State::failed:
        co_return NoContext{text_of(*filter.failure()), true};
    }
    buffer.release(released.size());
    if (!buffer.make_room(filter.wanted()))
      co_return NoContext{"an event is too large to be judged", true};
    if (!master.connection().has_waited()) co_await asio::post(use_task);
  }
}

}  // namespace sluice::proxy
