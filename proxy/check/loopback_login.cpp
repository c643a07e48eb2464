#include <openssl/rand.h>

#include <array>

#include "protocol/binlog/event_header.hpp"
#include "protocol/binlog/rotate.hpp"
#include "protocol/wire/command.hpp"
#include "proxy/check/loopback.hpp"
#include "proxy/check/network.hpp"
#include "proxy/check/reach.hpp"
#include "proxy/check/replica_password.hpp"
#include "proxy/cli/shell_word.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::check {
namespace {

std::string why_not(const RelayConfig& relay, const std::filesystem::path& config_path,
                    const ListenFacts& listen, std::vector<std::string>& remedy) {
  const std::string host = local_address(listen.address);
  if (listen.use == ListenFacts::Use::unused || listen.use == ListenFacts::Use::refused) {
    remedy = {"sluice run " + shell_word(config_path.string()) +
              "   # or systemctl start sluice, then check again"};
    return "it is not running";
  }
  const auto& allow = relay.replica.allow;
  if (!allow.networks().empty() && !is_in(host, allow)) {
    remedy = {"[relay.replica]", "allow = [..., \"" + host + "\"]   # to try it from here"};
    return "allow lets nobody in from " + host;
  }
  if (wants_proxy_header(relay, listen.address)) {
    return "from " + host + " it wants a load balancer's PROXY header (proxy_protocol)";
  }
  if (listen.use == ListenFacts::Use::masterless) return "it has not reached its master yet";
  if (listen.use == ListenFacts::Use::unclear) {
    return "what listens there lets nobody in from this machine, or has no room now";
  }
  if (listen.use != ListenFacts::Use::ours) return "another program listens there";
  if (!relay.replica.tls.client_ca.empty()) {
    return "client_ca demands a certificate, which replicas have and Sluice has not";
  }
  return {};
}

/// No other replica has this one, or the master would end that one's dump.
std::uint32_t random_server_id() {
  std::array<unsigned char, 4> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) bytes = {1, 2, 3, 4};
  return static_cast<std::uint32_t>(load_le(bytes.data(), bytes.size())) | 0xF0000000U;
}

/// What a replica says and asks before a dump.
std::string ask_questions(SqlClient& client) {
  const bool mariadb = client.greeting().is_mariadb();
  for (const std::string_view question :
       {"SELECT UNIX_TIMESTAMP()", "SHOW VARIABLES LIKE 'SERVER_ID'",
        "SET @master_binlog_checksum= @@global.binlog_checksum",
        "SELECT @master_binlog_checksum"}) {
    const auto answer = client.query(question);
    if (!answer) return std::string(question) + ": " + answer.error().text;
  }
  if (!mariadb) return {};
  const auto answer = client.query("SET @mariadb_slave_capability=4");
  return answer ? std::string() : "SET @mariadb_slave_capability: " + answer.error().text;
}

/// Reads events up to the format description and one more, or the end of the log.
Task<bool> read_first_events(MasterConnection& connection, LoopbackFacts& facts) {
  Buffer command;
  wire::BinlogDump dump;
  dump.flags = wire::dump_non_block;
  dump.server_id = random_server_id();
  wire::serialize(dump, command);
  bool described = false;
  if (!co_await connection.send(command)) co_return false;
  while (true) {
    const auto payload = co_await connection.channel().read();
    if (!payload) {
      // A first event that is larger than an answer is an event all the same.
      if (!described) facts.dump_error = connection.connection().error();
      co_return described;
    }
    if (wire::is_eof(*payload)) co_return described;
    if (wire::is_err(*payload)) {
      const auto error = wire::parse_err(*payload);
      facts.dump_error = error ? error->message : "a malformed error";
      co_return false;
    }
    const Bytes event = payload->empty() ? *payload : payload->subspan(1);
    const auto header = binlog::parse_event_header(event);
    if (!header) {
      facts.dump_error = "what came is no event";
      co_return false;
    }
    ++facts.events;
    if (described) co_return true;
    if (header->type == binlog::EventType::rotate && facts.first_file.empty()) {
      if (const auto rotate = binlog::parse_rotate(event)) facts.first_file = rotate->file;
    }
    described = header->type == binlog::EventType::format_description;
  }
}

}  // namespace

LoopbackFacts log_in_through(const RelayConfig& relay, const std::filesystem::path& config_path,
                             const NetworkFacts& network) {
  LoopbackFacts facts;
  const ListenFacts& listen = network.listen.front();
  facts.skipped = why_not(relay, config_path, listen, facts.remedy);
  if (!facts.skipped.empty()) return facts;
  const auto login = find_replica_login(config_path, relay.name);
  if (!login) {
    facts.skipped = "all users have a password_hash: their passwords are not known here";
    return facts;
  }
  MasterConfig config;
  config.host = local_address(listen.address);
  config.port = listen.address.port;
  config.user = login->user;
  config.password = login->password;
  config.tls.mode = relay.replica.tls.mode == ReplicaTlsMode::disabled ? MasterTlsMode::disabled
                                                                       : MasterTlsMode::required;
  config.tls.min_version = relay.replica.tls.min_version;
  const auto target = make_master_target(config);
  if (!target) {
    facts.skipped = target.error().text;
    return facts;
  }
  facts.address = target->address();
  facts.user = login->user;
  const auto client = SqlClient::open(*target);
  if (!client) {
    facts.failure = client.error();
    return facts;
  }
  MasterConnection& connection = (*client)->master();
  facts.tls = connection.connection().tls_description();
  facts.version = connection.greeting().server_version;
  if (const auto seen = facts_of_version(*facts.version)) facts.version = seen->version_text;
  const auto shown = shown_by(connection.connection());
  const auto own = read_certificates(relay.replica.tls.cert);
  facts.own_certificate =
      shown.empty() || (own && X509_cmp(shown.front().get(), own->front().get()) == 0);
  facts.question_error = ask_questions(**client);
  if (!facts.question_error.empty()) return facts;
  connection.connection().set_deadline(std::chrono::seconds(30), "waiting for the first events");
  const bool good = (*client)->wait(read_first_events(connection, facts));
  if (!good && facts.dump_error.empty()) facts.dump_error = "the dump ended before it began";
  connection.connection().close("done");
  return facts;
}

}  // namespace sluice::proxy::check
