// A connection to the master, logged in: Sluice is the client there.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <optional>
#include <string>

#include "protocol/auth/client_login.hpp"
#include "protocol/wire/result_set.hpp"
#include "proxy/master/interrupt.hpp"
#include "proxy/master/master_failure.hpp"
#include "proxy/master/master_target.hpp"
#include "proxy/network/packet_channel.hpp"

namespace sluice::proxy {

class MasterConnection {
 public:
  /// The largest answer to a question, in bytes.
  static constexpr std::size_t max_answer = std::size_t{16} << 20;

  using Address = boost::asio::ip::tcp::endpoint;
  using Opened = boost::system::result<std::unique_ptr<MasterConnection>, MasterFailure>;
  using Answer = boost::system::result<wire::ResultSet, QueryError>;

  /// How far to go: tls_only leaves off where the login would begin, to look at the certificate.
  enum class Until : std::uint8_t { logged_in, tls_only };

  /// Looks the host up, connects, starts TLS and logs in, all within connect_timeout. `interrupt`
  /// ends the attempt and afterwards the connection. Both must outlive the call.
  /// `address`: instead of those that the host has, which need not be the same server's.
  [[nodiscard]] static Task<Opened> open(const MasterTarget& target, Interrupt& interrupt,
                                         Until until = Until::logged_in,
                                         std::optional<Address> address = std::nullopt);

  ~MasterConnection() { connection_->close("done"); }
  MasterConnection(const MasterConnection&) = delete;
  MasterConnection& operator=(const MasterConnection&) = delete;

  [[nodiscard]] Connection& connection() { return *connection_; }
  [[nodiscard]] const std::shared_ptr<Connection>& shared() const { return connection_; }
  /// Of the host's, the one that it is connected to.
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] PacketChannel& channel() { return channel_; }
  [[nodiscard]] const wire::Greeting& greeting() const { return login_.greeting(); }
  [[nodiscard]] wire::Capabilities capabilities() const { return login_.capabilities(); }
  /// The authentication plugin that the login came to.
  [[nodiscard]] const std::string& plugin() const { return login_.plugin(); }

  [[nodiscard]] wire::Compression compression() const { return login_.compression(); }

  /// Sends a command; its answer starts with sequence number 1. false: connection().error().
  [[nodiscard]] Task<bool> send(Bytes command);
  static constexpr std::chrono::hours longest_patience{1};
  /// Has the master wait for so long until what it sends is taken, and not only net_write_timeout.
  /// A master that refuses keeps its own time. false: broken.
  [[nodiscard]] Task<bool> ask_for_patience();
  /// Runs a COM_QUERY and reads its first result set, if it has one, to the end. `limit`: bytes of
  /// the whole answer; a row has at most max_answer. The text must outlive the call.
  [[nodiscard]] Task<Answer> query(std::string_view text, std::size_t limit = max_answer);
  /// COM_QUIT: without it the master logs an aborted connection.
  [[nodiscard]] Task<void> quit();

 private:
  MasterConnection(std::shared_ptr<Connection> connection, const MasterTarget& target);
  static Task<Opened> try_open(const MasterTarget& target, Interrupt& interrupt, Until until,
                               std::optional<Address> address);
  Task<bool> log_in(const MasterTarget& target, Until until, MasterFailure& failure);
  Task<bool> exchange(const MasterTarget& target, Until until, MasterFailure& failure);

  std::shared_ptr<Connection> connection_;
  Address address_;
  PacketChannel channel_;
  auth::ClientLogin login_;
};

/// Nullopt for an error, no rows or NULL.
[[nodiscard]] std::optional<std::string> first_value(const MasterConnection::Answer& answer);

}  // namespace sluice::proxy
