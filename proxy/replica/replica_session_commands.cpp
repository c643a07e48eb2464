// ReplicaSession's second part: questions, registration and the dump.
#include <boost/asio/post.hpp>

#include <charconv>

#include "filters/requirements/mixed_watch.hpp"
#include "filters/requirements/requirements.hpp"
#include "protocol/binlog/file_check.hpp"
#include "protocol/binlog/gtid_set.hpp"
#include "protocol/wire/response_reader.hpp"
#include "protocol/wire/server_error.hpp"
#include "protocol/wire/statement_shape.hpp"
#include "proxy/replica/replica_session.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using wire::Command;

namespace {

/// Of digits. One that is too large is none.
std::chrono::nanoseconds nanoseconds_of(std::string_view digits) {
  std::int64_t count = 0;
  const auto* const end = digits.data() + digits.size();
  const bool fits = std::from_chars(digits.data(), end, count).ec == std::errc{};
  return std::chrono::nanoseconds(fits ? count : 0);
}

/// Whether it reads to the end of the binlog and no further: by BINLOG_DUMP_NON_BLOCK, or without
/// a server id, as mysqlbinlog before 5.6.20 (Binlog_sender::init in sql/rpl_binlog_sender.cc).
bool is_of_tool(std::uint32_t server_id, std::uint16_t dump_flags) {
  return server_id == 0 || (dump_flags & wire::dump_non_block) != 0;
}

}  // namespace

Task<void> ReplicaSession::serve_commands() {
  while (reason_.empty()) {
    channel_.begin_command();
    const auto payload = co_await channel_.read();
    if (!payload) co_return;
    tap_->command(*payload);
    const bool goes_on = co_await obey(*payload);
    if (!goes_on) co_return;
    // A compressed packet may hold a great many: the thread has other sessions, too.
    co_await asio::post(use_task);
  }
}

/// false: the session is at its end.
Task<bool> ReplicaSession::obey(Bytes payload) {
  if (payload.empty()) {
    end("the replica sent an empty command");
    co_return false;
  }
  const std::uint8_t code = payload.front();
  switch (Command{code}) {
    case Command::quit:
      reason_ = "the replica has quit";
      co_return false;
    case Command::ping:
      co_return co_await reply_ok();
    case Command::query:
      co_return co_await on_query(payload);
    case Command::register_slave:
      co_return co_await on_register(payload);
    case Command::binlog_dump:
      co_return co_await on_dump(payload);
    case Command::binlog_dump_gtid:
      co_return co_await on_dump_gtid(payload);
  }
  co_return co_await refuse_command(code);
}

Task<bool> ReplicaSession::refuse_command(std::uint8_t code) {
  log_.warn("command refused", {{"command", wire::command_name(code)}});
  const auto error = wire::errors::unknown_command();
  co_return co_await reply(error);
}

Task<bool> ReplicaSession::on_query(Bytes payload) {
  const auto text = wire::parse_query(payload, wire::minimal_dialect);
  if (!text) co_return co_await refuse_command(payload.front());
  const auto question = wire::parse_question(*text);
  if (const auto* refused = std::get_if<wire::RefusedQuestion>(&question)) {
    log_.warn("question refused",
              {{"reason", refused->reason}, {"statement", wire::statement_shape(*text)}});
    const auto error = wire::errors::statement_refused();
    co_return co_await reply(error);
  }
  if (const auto* kill = std::get_if<wire::KillQuestion>(&question)) {
    co_return co_await on_kill(kill->thread_id);
  }
  for (const auto& assignment : std::get<wire::ForwardQuestion>(question).assignments) {
    note(assignment);
  }
  co_return co_await ask_master(payload);
}

/// MariaDB replicas end their own dump so when they stop, on a second connection.
Task<bool> ReplicaSession::on_kill(std::uint64_t thread_id) {
  const auto [other, owner] = relay_->sessions().find(thread_id);
  const bool here = other && other->relay().config().name == relay_->config().name;
  if (!here || owner != user_) {
    const auto error = here ? wire::errors::not_owner_of_thread(thread_id)
                            : wire::errors::unknown_thread(thread_id);
    co_return co_await reply(error);
  }
  log_.info("killing a session", {{"killed", thread_id}});
  other->kill("killed by the replica");
  co_return co_await reply_ok();
}

void ReplicaSession::note(const wire::Assignment& assignment) {
  switch (assignment.setting) {
    case wire::Setting::replica_uuid:
      replica_uuid_ = assignment.value;
      break;
    case wire::Setting::connect_state:
      connect_state_ = assignment.value;
      break;
    case wire::Setting::semi_sync_replica:
      semi_sync_ = assignment.value != "0";
      break;
    case wire::Setting::mariadb_capability:  // no other replica sets it
      is_mariadb_ = true;
      break;
    case wire::Setting::heartbeat_period:
      heartbeat_period_ = nanoseconds_of(assignment.value);
      break;
    default:
      break;
  }
  log_.debug("replica sets",
             {{"name", wire::setting_name(assignment.setting)}, {"value", assignment.value}});
}

/// A master may read a whole binlog file for its answer (binlog_gtid_pos() of MariaDB): it has a
/// minute where connect_timeout is what it usually is.
void ReplicaSession::wait_for_answer() {
  constexpr int times = 6;
  master_->connection().set_deadline(relay_->config().master.connect_timeout * times,
                                     "waiting for the master's answer");
}

/// It is Sluice's account that may not do it, which whoever runs Sluice must mend, and the replica
/// need not know: what it gets instead of this packet. nullopt: this is no such error.
std::optional<Buffer> ReplicaSession::access_denied_by_master(Bytes payload) {
  if (!wire::is_err(payload)) return std::nullopt;
  auto error = wire::parse_err(payload);
  if (!error || error->code != wire::code_of(wire::ErrorCode::access_denied_error)) {
    return std::nullopt;
  }
  log_.warn("the master denies access",
            {{"reason", std::to_string(error->code) + " " + error->message +
                            "; the account needs REPLICATION SLAVE"}});
  error->message = "Access denied to Sluice's account at the master; its log says why";
  Buffer packet;
  wire::serialize(*error, packet);
  return packet;
}

/// Forwards the command and its answer verbatim: both legs speak the same dialect.
Task<bool> ReplicaSession::ask_master(Bytes command) {
  if (!co_await master_->send(command)) {
    end("the master's connection: " + master_->connection().error());
    co_return false;
  }
  wait_for_answer();
  wire::ResponseReader reader(wire::minimal_dialect);
  std::uint8_t sequence = channel_.next_sequence();
  Buffer answer;
  for (;;) {
    const auto payload = co_await master_->channel().read();
    if (!payload) {
      end("the master's connection: " + master_->connection().error());
      co_return false;
    }
    const auto progress = reader.feed(*payload);
    if (progress == wire::ResponseReader::Progress::malformed ||
        answer.size() > MasterConnection::max_answer) {
      end("the master's answer is malformed or too long");
      co_return false;
    }
    const auto denied = access_denied_by_master(*payload);
    wire::append_packet(answer, denied ? Bytes(*denied) : *payload, sequence);
    if (progress == wire::ResponseReader::Progress::complete) break;
  }
  master_->connection().clear_deadline();
  tap_->answered(answer);
  co_return co_await connection_->write(answer);
}

Task<bool> ReplicaSession::on_register(Bytes payload) {
  const auto registration = wire::parse_register_slave(payload);
  if (!registration) co_return co_await refuse_command(payload.front());
  server_id_ = registration->server_id;
  // Written anew: the report password of the replica is not the master's business.
  Buffer command;
  wire::serialize(*registration, command);
  co_return co_await ask_master(command);
}

Task<bool> ReplicaSession::on_dump(Bytes payload) {
  const auto dump = wire::parse_binlog_dump(payload);
  if (!dump) co_return co_await refuse_command(payload.front());
  const bool of_tool = is_of_tool(dump->server_id, dump->flags);
  const auto dump_log = dump_starts(dump->server_id, of_tool, connect_state_.has_value());
  dump_log.info("dump started", {{"mode", connect_state_ ? "gtid" : "position"},
                                 {"file", dump->file},
                                 {"position", dump->position},
                                 {"gtid", connect_state_.value_or("")},
                                 {"semi_sync", semi_sync_},
                                 {"master_compression", wire::name_of(master_->compression())}});
  filters::Coordinates start;
  if (!connect_state_) start = {dump->file, dump->position};
  const bool ready = co_await learn_patience(*dump, of_tool);
  if (ready) co_await relay_dump(payload, dump->flags, of_tool, start, dump_log);
  co_return false;
}

Task<bool> ReplicaSession::on_dump_gtid(Bytes payload) {
  const auto dump = wire::parse_binlog_dump_gtid(payload);
  if (!dump) co_return co_await refuse_command(payload.front());
  const auto set = binlog::parse_gtid_set(dump->gtid_set);
  const bool of_tool = is_of_tool(dump->server_id, dump->flags);
  const auto dump_log = dump_starts(dump->server_id, of_tool, true);
  dump_log.info("dump started", {{"mode", "gtid"},
                                 {"gtid", set ? binlog::to_text(*set, 1000) : std::string("?")},
                                 {"semi_sync", semi_sync_},
                                 {"master_compression", wire::name_of(master_->compression())}});
  const filters::Coordinates by_gtid;
  co_await relay_dump(payload, dump->flags, of_tool, by_gtid, dump_log);
  co_return false;
}

/// Returns what all lines about the dump begin with.
log::Context ReplicaSession::dump_starts(std::uint32_t server_id, bool of_tool, bool by_gtid) {
  server_id_ = server_id;
  by_gtid_ = by_gtid;
  if (!of_tool) {
    const bool again = relay_->known_replicas().remember(replica(), own_dump());
    relay_->metrics().dump_started(by_gtid, again);
  }
  log::Context dump_log = log_;
  dump_log.add({{"server_id", server_id}, {"uuid", replica_uuid_}});
  return dump_log;
}

/// If the master has ended the dump with an error.
void ReplicaSession::count_refusal() {
  if (!dump_->master_error()) return;
  const bool came_back = relay_->known_replicas().has_come_back(replica(), own_dump());
  relay_->metrics().dump_refused(refusal_of(*dump_->master_error(), came_back));
}

/// Who watches a dump: for requirements, and for statements that are dropped or kept as a whole.
/// null if there is nothing to watch for.
std::unique_ptr<filters::EventObserver> ReplicaSession::watch_of(const log::Context& dump_log) {
  const auto& required = relay_->config().requirements;
  const filters::TableRequirements of_tables{required.primary_key, required.innodb};
  const auto warn = [dump_log](const filters::TableComplaint& complaint) {
    const bool about_key = complaint.about == filters::TableNotes::About::primary_key;
    if (about_key) {
      dump_log.warn(
          "table without a primary key",
          {{"table", complaint.table}, {"file", complaint.file}, {"position", complaint.position}});
    } else {
      dump_log.warn("table not in InnoDB", {{"table", complaint.table},
                                            {"engine", complaint.engine},
                                            {"file", complaint.file},
                                            {"position", complaint.position}});
    }
  };
  std::unique_ptr<filters::EventObserver> watch;
  if (filters::RequirementsWatch::is_needed(of_tables)) {
    watch = std::make_unique<filters::RequirementsWatch>(of_tables, relay_->table_notes(), warn);
  }
  if (relay_->rules()->drops_nothing()) return watch;
  const auto tell = [dump_log](const filters::SeenEvent& seen) {
    const auto kind = seen.subject.statement.value_or(filters::StatementKind::unknown);
    dump_log.warn(seen.dropped ? "a statement on dropped and kept tables is dropped as a whole"
                               : "a statement on dropped and kept tables passes as a whole",
                  {{"statement", filters::to_string(kind)},
                   {"file", seen.file},
                   {"position", seen.position}});
  };
  return std::make_unique<filters::MixedWatch>(std::move(watch), tell);
}

/// The rules, comparing names as the master does. null, at the session's end: it does not tell how.
Task<std::shared_ptr<const filters::TableRules>> ReplicaSession::rules_for_master() {
  if (!relay_->rules()->has_patterns()) co_return relay_->rules();
  unsigned lower_case = 0;
  const bool mariadb = master_->greeting().is_mariadb();
  if (!mariadb) {
    wait_for_answer();
    const auto answer = co_await master_->query("SELECT @@GLOBAL.lower_case_table_names");
    const auto value = first_value(answer);
    if (!value || value->size() != 1) {
      const std::string why = answer ? "" : ": " + answer.error().text;
      end("the master does not tell how it compares names" + why);
      co_return nullptr;
    }
    master_->connection().clear_deadline();
    lower_case = static_cast<unsigned>(value->front() - '0');
  }
  co_return std::make_shared<const filters::TableRules>(
      relay_->rules()->comparing(filters::name_case(mariadb, lower_case)));
}

/// While Sluice reads what comes before the position, the dump itself waits, and its master gives
/// up after net_write_timeout. A tool's does not, as it would not come back. A replica's must: a
/// dump whose connection stalls would last for as long, and where the master is MariaDB no other
/// one of this replica begins until it has ended. false: the session's end.
Task<bool> ReplicaSession::learn_patience(const wire::BinlogDump& dump, bool of_tool) {
  if (connect_state_ || dump.position <= binlog::file_magic_size ||
      relay_->rules()->drops_nothing()) {
    co_return true;
  }
  wait_for_answer();
  if (of_tool) {
    const bool asked = co_await master_->ask_for_patience();
    if (asked) master_patience_ = MasterConnection::longest_patience;
  } else {
    const auto answer = co_await master_->query("SELECT @@SESSION.net_write_timeout");
    const auto value = first_value(answer);
    std::uint32_t seconds = 0;
    if (value) (void)std::from_chars(value->data(), value->data() + value->size(), seconds);
    if (seconds > 0) master_patience_ = std::chrono::seconds(seconds);
  }
  if (!master_->connection().error().empty()) {
    end("the master's connection: " + master_->connection().error());
    co_return false;
  }
  master_->connection().clear_deadline();
  co_return true;
}

Task<void> ReplicaSession::relay_dump(Bytes command, std::uint16_t flags, bool of_tool,
                                      const filters::Coordinates& start,
                                      const log::Context& dump_log) {
  const auto rules = co_await rules_for_master();
  if (!rules) co_return;
  DumpRelay::Parts parts{
      .replica = connection_,
      .master = master_->shared(),
      .target = relay_->master(),
      .master_address = master_->address(),
      .rules = rules,
      .max_payload = relay_->config().filter.max_payload,
      .semi_sync = semi_sync_,
      .replica_is_mariadb = is_mariadb_,
      .observer = watch_of(dump_log),
      .tap = tap_,
      .heartbeats = {heartbeat_period_, (flags & wire::dump_heartbeat_v2) != 0},
      .start = start,
      .contexts = relay_->known_contexts(),
      .master_patience = master_patience_,
      .is_of_tool = of_tool,
  };
  dump_ = std::make_shared<DumpRelay>(std::move(parts));
  const bool sent = co_await master_->send(command);
  if (!sent) {
    end("the master's connection: " + master_->connection().error());
    co_return;
  }
  if (auto* compressed = master_->connection().compressed()) {
    compressed->begin_dump_as_replica(semi_sync_);
  }
  if (auto* compressed = connection_->compressed()) {
    compressed->begin_dump_as_master(semi_sync_, master_->greeting().is_mariadb());
  }
  std::string reason = co_await dump_->run(dump_log);
  if (!of_tool) count_refusal();
  end(std::move(reason));
}

}  // namespace sluice::proxy
