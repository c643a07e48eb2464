#include "protocol/wire/command.hpp"

#include <array>

namespace sluice::wire {

namespace {

constexpr std::array<std::string_view, 33> command_names = {
    "COM_SLEEP",
    "COM_QUIT",
    "COM_INIT_DB",
    "COM_QUERY",
    "COM_FIELD_LIST",
    "COM_CREATE_DB",
    "COM_DROP_DB",
    "COM_REFRESH",
    "COM_SHUTDOWN",
    "COM_STATISTICS",
    "COM_PROCESS_INFO",
    "COM_CONNECT",
    "COM_PROCESS_KILL",
    "COM_DEBUG",
    "COM_PING",
    "COM_TIME",
    "COM_DELAYED_INSERT",
    "COM_CHANGE_USER",
    "COM_BINLOG_DUMP",
    "COM_TABLE_DUMP",
    "COM_CONNECT_OUT",
    "COM_REGISTER_SLAVE",
    "COM_STMT_PREPARE",
    "COM_STMT_EXECUTE",
    "COM_STMT_SEND_LONG_DATA",
    "COM_STMT_CLOSE",
    "COM_STMT_RESET",
    "COM_SET_OPTION",
    "COM_STMT_FETCH",
    "COM_DAEMON",
    "COM_BINLOG_DUMP_GTID",
    "COM_RESET_CONNECTION",
    "COM_CLONE",
};

/// Starts to read a command; the cursor has failed if it is another one.
Cursor open(Bytes payload, Command command) {
  Cursor in(payload);
  if (in.u8() != static_cast<std::uint8_t>(command)) in.fail();
  return in;
}

Writer begin(Buffer& out, Command command) {
  Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(command));
  return writer;
}

}  // namespace

std::string_view command_name(std::uint8_t code) {
  return code < command_names.size() ? command_names[code] : "unknown command";
}

std::optional<std::string_view> parse_query(Bytes payload, Capabilities capabilities) {
  Cursor in = open(payload, Command::query);
  if (capabilities.has(Capability::query_attributes)) {
    const auto parameters = in.lenenc();
    const auto parameter_sets = in.lenenc();
    if (parameters != 0 || parameter_sets != 1) return std::nullopt;
  }
  const auto text = in.rest_text();
  if (!in.ok()) return std::nullopt;
  return text;
}

void serialize_query(std::string_view text, Capabilities capabilities, Buffer& out) {
  Writer writer = begin(out, Command::query);
  if (capabilities.has(Capability::query_attributes)) writer.lenenc(0).lenenc(1);
  writer.text(text);
}

void serialize_command(Command command, Buffer& out) {
  begin(out, command);
}

std::optional<RegisterSlave> parse_register_slave(Bytes payload) {
  Cursor in = open(payload, Command::register_slave);
  RegisterSlave command;
  command.server_id = in.u32();
  command.host = in.text(in.u8());
  in.skip(in.u8());  // report_user
  in.skip(in.u8());  // report_password
  command.port = in.u16();
  command.rank = in.u32();
  command.master_id = in.u32();
  if (!in.ok()) return std::nullopt;
  return command;
}

void serialize(const RegisterSlave& command, Buffer& out) {
  const std::string_view host = std::string_view(command.host).substr(0, 255);
  begin(out, Command::register_slave)
      .u32(command.server_id)
      .u8(host.size())
      .text(host)
      .u8(0)
      .u8(0)
      .u16(command.port)
      .u32(command.rank)
      .u32(command.master_id);
}

std::optional<BinlogDump> parse_binlog_dump(Bytes payload) {
  Cursor in = open(payload, Command::binlog_dump);
  BinlogDump command;
  command.position = in.u32();
  command.flags = in.u16();
  command.server_id = in.u32();
  const auto file = in.rest_text();
  command.file = file.substr(0, file.find('\0'));
  if (!in.ok()) return std::nullopt;
  return command;
}

void serialize(const BinlogDump& command, Buffer& out) {
  begin(out, Command::binlog_dump)
      .u32(command.position)
      .u16(command.flags)
      .u32(command.server_id)
      .text(command.file);
}

std::optional<BinlogDumpGtid> parse_binlog_dump_gtid(Bytes payload) {
  Cursor in = open(payload, Command::binlog_dump_gtid);
  BinlogDumpGtid command;
  command.flags = in.u16();
  command.server_id = in.u32();
  const auto file = in.text(in.u32());
  command.file = file.substr(0, file.find('\0'));
  command.position = in.u64();
  const Bytes set = in.take(in.u32());
  if (!in.ok() || in.remaining() > 0) return std::nullopt;
  command.gtid_set.assign(set.begin(), set.end());
  return command;
}

void serialize(const BinlogDumpGtid& command, Buffer& out) {
  begin(out, Command::binlog_dump_gtid)
      .u16(command.flags)
      .u32(command.server_id)
      .u32(command.file.size())
      .text(command.file)
      .u64(command.position)
      .u32(command.gtid_set.size())
      .bytes(command.gtid_set);
}

}  // namespace sluice::wire
