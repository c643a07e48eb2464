#include "proxy/master/master_connection.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <vector>

#include "protocol/wire/command.hpp"
#include "proxy/master/connect.hpp"
#include "proxy/master/name_lookup.hpp"

namespace sluice::proxy {

using auth::ClientLogin;

namespace {

wire::Attributes attributes() {
  return {{"_client_name", "sluice"},
          {"_client_version", SLUICE_VERSION},
          {"_os", "Linux"},
          {"_pid", std::to_string(::getpid())},
          {"program_name", "sluice"}};
}

/// Of what a server sends before the login is over: a greeting, a key, OK or ERR.
constexpr std::size_t max_packet_of_login = std::size_t{64} << 10;

/// None once the connection has gone.
MasterConnection::Address address_of(const Socket& socket) {
  boost::system::error_code gone;
  return socket.remote_endpoint(gone);
}

}  // namespace

MasterConnection::MasterConnection(std::shared_ptr<Connection> connection,
                                   const MasterTarget& target)
    : connection_(std::move(connection)),
      address_(address_of(connection_->socket())),
      channel_(connection_, max_answer),
      login_({.user = target.config.user,
              .password = target.config.password,
              .tls = target.tls != nullptr,
              .client_certificate = !target.config.tls.cert.empty(),
              .compression = target.config.compression.algorithms,
              .zstd_level = target.config.compression.zstd_level,
              .attributes = attributes()}) {}

Task<MasterConnection::Opened> MasterConnection::open(const MasterTarget& target,
                                                      Interrupt& interrupt, Until until,
                                                      std::optional<Address> address) {
  const auto begin = std::chrono::steady_clock::now();
  auto opened = co_await try_open(target, interrupt, until, address);
  if (!target.metrics) co_return opened;
  if (opened) {
    target.metrics->master_connected(std::chrono::steady_clock::now() - begin);
  } else if (!interrupt.raised()) {
    target.metrics->master_not_connected();
  }
  co_return opened;
}

Task<MasterConnection::Opened> MasterConnection::try_open(const MasterTarget& target,
                                                          Interrupt& interrupt, Until until,
                                                          std::optional<Address> address) {
  MasterFailure failure;
  const auto deadline = std::chrono::steady_clock::now() + target.config.connect_timeout;
  std::vector<Address> addresses;
  if (address) {
    addresses.push_back(*address);
  } else {
    const auto found = co_await look_up(target.config.host, target.config.port,
                                        target.config.connect_timeout, interrupt);
    if (!found) failure.text = "looking up " + target.config.host + ": " + found.error();
    if (interrupt.raised()) failure.text = interrupt.reason();
    if (!failure.text.empty()) co_return failure;
    addresses.assign(found->begin(), found->end());
  }
  auto connection = co_await connect(addresses, deadline, interrupt);
  if (!connection) {
    failure.stage = MasterFailure::Stage::connect;
    failure.text = "connecting to " + connection.error();
    co_return failure;
  }
  (*connection)->tune(target.keepalive);

  std::unique_ptr<MasterConnection> master(new MasterConnection(*std::move(connection), target));
  if (!co_await master->log_in(target, until, failure)) co_return failure;
  master->connection_->clear_deadline();
  const auto compression = master->login_.compression();
  if (until == Until::logged_in && compression != wire::Compression::none) {
    master->channel_.start_compression(target.config.compression.setting(compression),
                                       wire::max_compressed_piece);
  }
  co_return master;
}

Task<bool> MasterConnection::log_in(const MasterTarget& target, Until until,
                                    MasterFailure& failure) {
  const bool good = co_await exchange(target, until, failure);
  failure.server_version = login_.greeting().server_version;
  co_return good;
}

Task<bool> MasterConnection::exchange(const MasterTarget& target, Until until,
                                      MasterFailure& failure) {
  const auto& config = target.config;
  failure.stage = MasterFailure::Stage::login;
  // Whoever answers at that address has not shown yet who he is.
  PacketChannel channel(connection_, max_packet_of_login);
  Buffer out;
  auto want = ClientLogin::Want::read_packet;
  for (;;) {
    const bool written = co_await connection_->write(out);
    OPENSSL_cleanse(out.data(), out.size());  // may hold the password
    out.clear();
    if (!written) break;
    if (want == ClientLogin::Want::done) co_return true;
    if (want == ClientLogin::Want::failed) {
      if (login_.error() == auth::ClientLoginError::server_without_tls) {
        failure.stage = MasterFailure::Stage::tls;
      }
      failure.code = login_.server_error().code;
      failure.text = "login failed: " + login_.describe_error();
      co_return false;
    }
    if (want == ClientLogin::Want::start_tls) {
      std::string identity;
      if (config.tls.mode == MasterTlsMode::verify_identity) identity = config.host;
      failure.stage = MasterFailure::Stage::tls;
      if (!co_await connection_->connect_tls(*target.tls, identity)) break;
      if (until == Until::tls_only) co_return true;
      failure.stage = MasterFailure::Stage::login;
      if (target.metrics) {
        target.metrics->tls_started(RelayMetrics::Leg::master, connection_->tls_version(),
                                    connection_->tls_cipher());
      }
      want = login_.tls_started(out);
      continue;
    }
    channel.expect_sequence(login_.next_sequence());
    const auto payload = co_await channel.read();
    if (!payload) break;
    want = login_.receive(*payload, out);
  }
  failure.text = "login: " + connection_->error();
  co_return false;
}

Task<bool> MasterConnection::send(Bytes command) {
  Buffer packet;
  std::uint8_t sequence = 0;
  wire::append_packet(packet, command, sequence);
  channel_.begin_command();
  channel_.expect_sequence(sequence);
  co_return co_await connection_->write(packet);
}

Task<bool> MasterConnection::ask_for_patience() {
  // Without the cast it is a DECIMAL to MySQL 8.0, which takes none.
  static_assert(longest_patience == std::chrono::seconds(3600));
  const auto ignored = co_await query(
      "SET SESSION net_write_timeout = "
      "CAST(GREATEST(@@SESSION.net_write_timeout, 3600) AS UNSIGNED)");
  co_return connection_->error().empty();
}

Task<MasterConnection::Answer> MasterConnection::query(std::string_view text, std::size_t limit) {
  Buffer command;
  wire::serialize_query(text, capabilities(), command);
  QueryError failure;
  if (!co_await send(command)) {
    failure.text = connection_->error();
    co_return failure;
  }
  wire::AnswerCollector collector(capabilities(), limit);
  auto progress = wire::ResponseReader::Progress::more;
  while (progress == wire::ResponseReader::Progress::more) {
    const auto payload = co_await channel_.read();
    if (!payload) {
      failure.text = connection_->error();
      co_return failure;
    }
    progress = collector.feed(*payload);
  }
  if (progress == wire::ResponseReader::Progress::malformed) {
    // What else comes belongs to no question.
    connection_->close("the answer is malformed or too long");
    failure.text = connection_->error();
    co_return failure;
  }
  if (collector.error()) {
    failure.code = collector.error()->code;
    failure.text = collector.error()->message;
    co_return failure;
  }
  co_return collector.result_set();
}

Task<void> MasterConnection::quit() {
  Buffer command;
  wire::serialize_command(wire::Command::quit, command);
  connection_->set_deadline(std::chrono::seconds(1), "saying goodbye");
  (void)co_await send(command);
  connection_->close("done");
}

std::optional<std::string> first_value(const MasterConnection::Answer& answer) {
  if (!answer || answer->rows.empty() || answer->rows[0].empty()) return std::nullopt;
  return answer->rows[0][0];
}

}  // namespace sluice::proxy
