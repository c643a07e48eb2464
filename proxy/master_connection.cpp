#include "proxy/master_connection.hpp"

#include <openssl/crypto.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "protocol/wire/command.hpp"
#include "protocol/wire/result_set.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;
using asio::ip::tcp;
using auth::ClientLogin;
using boost::system::error_code;

namespace {

wire::Attributes attributes() {
  return {{"_client_name", "sluice"},
          {"_client_version", SLUICE_VERSION},
          {"_os", "Linux"},
          {"_pid", std::to_string(::getpid())},
          {"program_name", "sluice"}};
}

/// Looks the host up within the connect timeout.
Task<tcp::resolver::results_type> resolve(const MasterConfig& config, error_code& error) {
  const std::string port = std::to_string(config.port);
  // An address needs no resolver, which would have a thread for each of ours.
  const auto address = asio::ip::make_address(config.host, error);
  if (!error) {
    const tcp::endpoint endpoint(address, config.port);
    co_return tcp::resolver::results_type::create(endpoint, config.host, port);
  }
  const auto executor = co_await asio::this_coro::executor;
  // The timer's handler may run when this frame is gone already.
  const auto resolver = std::make_shared<tcp::resolver>(executor);
  const auto late = std::make_shared<bool>(false);
  asio::steady_timer timer(executor, config.connect_timeout);
  timer.async_wait([resolver, late](error_code cancelled) {
    if (cancelled) return;
    *late = true;
    resolver->cancel();
  });
  auto found = co_await resolver->async_resolve(config.host, port, tcp::resolver::numeric_service,
                                                asio::redirect_error(asio::use_awaitable, error));
  timer.cancel();
  if (*late) error = asio::error::timed_out;
  co_return found;
}

}  // namespace

std::string MasterTarget::address() const {
  const bool v6 = config.host.find(':') != std::string::npos;
  return (v6 ? "[" + config.host + "]" : config.host) + ":" + std::to_string(config.port);
}

MasterConnection::MasterConnection(std::shared_ptr<Connection> connection,
                                   const MasterTarget& target)
    : connection_(std::move(connection)),
      channel_(connection_, max_answer),
      login_({.user = target.config.user,
              .password = target.config.password,
              .tls = target.tls != nullptr,
              .attributes = attributes()}) {}

Task<MasterConnection::Opened> MasterConnection::open(const MasterTarget& target,
                                                      Interrupt& interrupt) {
  const auto begin = std::chrono::steady_clock::now();
  auto opened = co_await try_open(target, interrupt);
  if (!target.metrics) co_return opened;
  if (opened) {
    target.metrics->master_connected(std::chrono::steady_clock::now() - begin);
  } else if (!interrupt.raised()) {
    target.metrics->master_not_connected();
  }
  co_return opened;
}

Task<MasterConnection::Opened> MasterConnection::try_open(const MasterTarget& target,
                                                          Interrupt& interrupt) {
  error_code error;
  const auto found = co_await resolve(target.config, error);
  if (interrupt.raised()) co_return interrupt.reason();
  if (error) co_return "looking up " + target.config.host + ": " + error.message();

  const auto executor = co_await asio::this_coro::executor;
  auto connection = std::make_shared<Connection>(tcp::socket(executor));
  interrupt.watch(connection);
  connection->set_deadline(target.config.connect_timeout, "connecting to the master");
  co_await asio::async_connect(connection->socket(), found,
                               asio::redirect_error(asio::use_awaitable, error));
  if (error) {
    const std::string& ended = connection->error();
    const std::string reason = ended.empty() ? error.message() : ended;
    co_return "connecting: " + reason;
  }
  connection->socket().non_blocking(true, error);
  connection->tune(target.keepalive);

  std::unique_ptr<MasterConnection> master(new MasterConnection(std::move(connection), target));
  std::string reason;
  if (!co_await master->log_in(target, reason)) co_return reason;
  master->connection_->clear_deadline();
  co_return master;
}

Task<bool> MasterConnection::log_in(const MasterTarget& target, std::string& error) {
  const auto& config = target.config;
  Buffer out;
  auto want = ClientLogin::Want::read_packet;
  for (;;) {
    const bool written = co_await connection_->write(out);
    OPENSSL_cleanse(out.data(), out.size());  // may hold the password
    out.clear();
    if (!written) break;
    if (want == ClientLogin::Want::done) co_return true;
    if (want == ClientLogin::Want::failed) {
      error = "login failed: " + login_.describe_error();
      co_return false;
    }
    if (want == ClientLogin::Want::start_tls) {
      std::string identity;
      if (config.tls.mode == MasterTlsMode::verify_identity) identity = config.host;
      if (!co_await connection_->connect_tls(*target.tls, identity)) break;
      if (target.metrics) {
        target.metrics->tls_started(RelayMetrics::Leg::master, connection_->tls_version(),
                                    connection_->tls_cipher());
      }
      want = login_.tls_started(out);
      continue;
    }
    channel_.expect_sequence(login_.next_sequence());
    const auto payload = co_await channel_.read();
    if (!payload) break;
    want = login_.receive(*payload, out);
  }
  error = "login: " + connection_->error();
  co_return false;
}

Task<bool> MasterConnection::send(Bytes command) {
  Buffer packet;
  std::uint8_t sequence = 0;
  wire::append_packet(packet, command, sequence);
  channel_.expect_sequence(sequence);
  co_return co_await connection_->write(packet);
}

Task<bool> MasterConnection::execute(std::string_view statement) {
  Buffer command;
  wire::serialize_query(statement, capabilities(), command);
  if (!co_await send(command)) co_return false;
  const auto answer = co_await channel_.read();
  co_return answer&& wire::parse_ok(*answer, capabilities()).has_value();
}

Task<std::optional<std::string>> MasterConnection::ask(std::string_view question) {
  Buffer command;
  wire::serialize_query(question, capabilities(), command);
  if (!co_await send(command)) co_return std::nullopt;
  wire::AnswerCollector collector(capabilities(), max_answer);
  auto progress = wire::ResponseReader::Progress::more;
  while (progress == wire::ResponseReader::Progress::more) {
    const auto payload = co_await channel_.read();
    if (!payload) co_return std::nullopt;
    progress = collector.feed(*payload);
  }
  const auto& rows = collector.result_set().rows;
  if (progress == wire::ResponseReader::Progress::malformed || rows.empty() || rows[0].empty()) {
    co_return std::nullopt;
  }
  co_return rows[0][0];
}

Task<void> MasterConnection::quit() {
  Buffer command;
  wire::serialize_command(wire::Command::quit, command);
  connection_->set_deadline(std::chrono::seconds(1), "saying goodbye");
  (void)co_await send(command);
  connection_->close("done");
}

}  // namespace sluice::proxy
