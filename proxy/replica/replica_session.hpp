// One replica's connection, from its first byte to its last: Sluice is the master there.
//
//   [PROXY header] -> address allowed -> greeting -> [TLS] -> login -> the master's connection
//   -> OK -> questions, registration -> COM_BINLOG_DUMP -> the stream -> end
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "protocol/auth/server_login.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/question.hpp"
#include "proxy/network/peer_address.hpp"
#include "proxy/replica/dump_relay.hpp"
#include "proxy/replica/relay.hpp"
#include "proxy/replica/session_status.hpp"
#include "proxy/tap/session_tap.hpp"

namespace sluice::proxy {

class ReplicaSession : public std::enable_shared_from_this<ReplicaSession> {
 public:
  /// Takes a place among the connections that have not logged in, if there is one for it. Whoever
  /// lets go of a session last, it ends on its own thread.
  [[nodiscard]] static std::shared_ptr<ReplicaSession> make(std::shared_ptr<Relay> relay,
                                                            std::shared_ptr<Connection> connection);

  ~ReplicaSession();
  ReplicaSession(const ReplicaSession&) = delete;
  ReplicaSession& operator=(const ReplicaSession&) = delete;

  /// Runs to the end of the connection, on the connection's thread. Whoever starts it adds it to
  /// the relay's sessions.
  [[nodiscard]] Task<void> run();

  /// Ends the session at once, or as soon as the group under way is complete. From any thread.
  void kill(std::string reason);
  void drain(std::string reason);
  /// The second, but the first where that takes several seconds, as with a replica that does not
  /// read.
  void dismiss(std::string reason);
  /// At once, unless the login has succeeded. From any thread.
  void end_login(std::string reason);

  [[nodiscard]] std::uint32_t thread_id() const { return thread_id_; }
  /// As it was when the connection began.
  [[nodiscard]] const Relay& relay() const { return *relay_; }

  /// What there is to tell about it now. On its own thread.
  [[nodiscard]] SessionStatus status() const;
  /// Runs on the session's own thread, soon.
  void post(std::function<void(ReplicaSession&)> job);

 private:
  ReplicaSession(std::shared_ptr<Relay> relay, std::shared_ptr<Connection> connection);

  /// The largest command a replica may send: a GTID set can be long.
  static constexpr std::size_t max_command = std::size_t{4} << 20;

  /// Why the replica does not get in.
  struct Refusal {
    LoginRefusal kind;
    std::string why;        ///< for the log
    wire::ErrPacket error;  ///< what it is told
  };

  void take_login_place();
  void give_way(unsigned login_place);
  Task<bool> begin();
  Task<bool> ask_proxy();
  Task<void> serve();
  [[nodiscard]] bool is_by_anybody() const;
  void log_refused();
  [[nodiscard]] std::optional<Refusal> refusal_at_sight(
      const std::optional<MasterIdentity>& master) const;
  Task<bool> log_in();
  Task<bool> exchange(auth::ServerLogin& login, Buffer& out);
  void login_refused(const auth::ServerLogin& login);
  void credentials_refused(std::string_view user, std::string_view why);
  Task<bool> authenticated(auth::ServerLogin& login, Buffer& out);
  Task<std::optional<Refusal>> refusal_behind_login();
  [[nodiscard]] std::optional<Refusal> refusal_of_versions() const;
  Task<std::optional<Refusal>> open_master();
  [[nodiscard]] auth::ServerLoginOptions login_options(const MasterIdentity& master) const;
  void log_authenticated(const auth::ServerLogin& login);
  void describe_replica(const auth::ServerLogin& login);

  Task<void> serve_commands();
  Task<bool> obey(Bytes payload);
  Task<bool> refuse_command(std::uint8_t code);
  Task<bool> on_query(Bytes payload);
  Task<bool> on_kill(std::uint64_t thread_id);
  Task<bool> on_register(Bytes payload);
  Task<bool> on_dump(Bytes payload);
  Task<bool> on_dump_gtid(Bytes payload);
  Task<bool> ask_master(Bytes command);
  [[nodiscard]] std::optional<Buffer> access_denied_by_master(Bytes payload);
  void wait_for_answer();
  Task<std::shared_ptr<const filters::TableRules>> rules_for_master();
  Task<void> relay_dump(Bytes command, std::uint16_t flags, bool of_tool,
                        const filters::Coordinates& start, const log::Context& dump_log);
  Task<bool> learn_patience(const wire::BinlogDump& dump, bool of_tool);
  log::Context dump_starts(std::uint32_t server_id, bool of_tool, bool by_gtid);
  void count_refusal();
  [[nodiscard]] KnownReplicas::Replica replica() const {
    return {user_, server_id_, replica_uuid_};
  }
  [[nodiscard]] KnownReplicas::Dump own_dump() const {
    return {thread_id_, network_of(endpoints_.peer)};
  }
  std::unique_ptr<filters::EventObserver> watch_of(const log::Context& dump_log);
  void note(const wire::Assignment& assignment);

  [[nodiscard]] tap::SessionFacts facts() const;
  Task<bool> reply(const wire::ErrPacket& error);
  Task<bool> reply_ok();
  Task<bool> send(Bytes payload, std::uint8_t& sequence);
  void end(std::string reason);

  std::shared_ptr<Relay> relay_;
  std::shared_ptr<Connection> connection_;
  LoginPlaces::Place login_place_;
  unsigned login_places_ = 0;  // that it has asked for; behind a load balancer there are two
  Places::Place session_place_;
  std::uint32_t thread_id_;
  Endpoints endpoints_;
  std::string peer_;
  bool behind_proxy_;  // it must say whose connection it is
  log::Context log_;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::system_clock::time_point since_ = std::chrono::system_clock::now();

  std::shared_ptr<tap::SessionTap> tap_;
  PacketChannel channel_;
  wire::Compression compression_ = wire::Compression::none;
  std::string user_;
  MasterIdentity greeted_as_;  // the master that its greeting told the replica of
  Interrupt master_interrupt_;
  std::unique_ptr<MasterConnection> master_;
  std::shared_ptr<DumpRelay> dump_;
  Duration master_patience_ = std::chrono::seconds(60);  // net_write_timeout, and its default

  bool logged_in_ = false;
  LoginRefusal refusal_ = LoginRefusal::broken;  // why not, if it has not

  // What the replica has said about itself.
  std::string client_name_;
  std::string client_version_;
  std::string program_;
  std::uint32_t server_id_ = 0;
  std::string replica_uuid_;
  std::optional<std::string> connect_state_;  // MariaDB's GTID position; may be the empty one
  bool semi_sync_ = false;
  bool is_mariadb_ = false;
  std::chrono::nanoseconds heartbeat_period_{0};
  bool by_gtid_ = false;

  std::string reason_;  // why the session ends
};

}  // namespace sluice::proxy
