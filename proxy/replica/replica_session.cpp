#include "proxy/replica/replica_session.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace sluice::proxy {

namespace asio = boost::asio;

namespace {

/// For a replica to have the rest of its transaction, if it reads.
constexpr Duration dismissal_time = std::chrono::seconds(5);

}  // namespace

std::shared_ptr<ReplicaSession> ReplicaSession::make(std::shared_ptr<Relay> relay,
                                                     std::shared_ptr<Connection> connection) {
  const auto executor = connection->socket().get_executor();
  std::shared_ptr<ReplicaSession> session(
      new ReplicaSession(std::move(relay), std::move(connection)),
      [executor](ReplicaSession* last) {
        try {
          asio::dispatch(executor, [session = std::unique_ptr<ReplicaSession>(last)] {});
        } catch (const std::bad_alloc&) {
          // It has ended here, then.
        }
      });
  session->take_login_place();
  return session;
}

/// Those who may not come must not take the places of those who may.
void ReplicaSession::take_login_place() {
  login_place_.reset();
  if (!behind_proxy_ && !is_in(endpoints_.peer, relay_->allowed())) return;
  const unsigned number = ++login_places_;
  const auto drop = [weak = weak_from_this(), number] {
    if (const auto self = weak.lock()) self->give_way(number);
  };
  login_place_ = relay_->take_login_place(network_of(endpoints_.peer), drop);
}

ReplicaSession::ReplicaSession(std::shared_ptr<Relay> relay, std::shared_ptr<Connection> connection)
    : relay_(std::move(relay)),
      connection_(std::move(connection)),
      thread_id_(relay_->sessions().next_thread_id()),
      endpoints_(endpoints_of(connection_->socket())),
      peer_(address_of(endpoints_.peer)),
      behind_proxy_(!relay_->config().replica.proxy_protocol.networks().empty() &&
                    is_in(endpoints_.peer, relay_->config().replica.proxy_protocol)),
      log_(relay_->log()),
      tap_(std::make_shared<tap::SessionTap>(
          relay_->sessions().taps(), thread_id_,
          relay_->rules()->system_schema() == filters::SystemSchema::drop,
          [this] { return facts(); })),
      channel_(connection_, max_command) {
  log_.add({{"session", thread_id_}, {"peer", peer_}});
}

ReplicaSession::~ReplicaSession() {
  try {
    // After an exception nobody has done so, and what reads acknowledgements would go on.
    end("given up");
  } catch (const std::bad_alloc&) {
    // Only the reason's text is missing.
  }
  relay_->sessions().remove(thread_id_);
}

Task<void> ReplicaSession::run() {
  connection_->tune(relay_->config().keepalive);
  try {
    co_await serve();
  } catch (const std::exception& error) {
    // Such as one for memory. The others go on.
    log_.error("session given up", {{"reason", error.what()}});
    end(std::string("given up: ") + error.what());
  }
  end(connection_->error());
  tap_->ends(reason_);

  if (const auto* compressed = connection_->compressed()) {
    log_.add({{"compressed_bytes", compressed->total_sent()}});
  }
  log_.add({{"reason", reason_}, {"duration", std::chrono::steady_clock::now() - started_}});
  if (!dump_) {
    log_.write(is_by_anybody() ? LogLevel::debug : LogLevel::info, "session ended");
    co_return;
  }
  const auto& stream = dump_->stream();
  log_.info("session ended", {{"bytes", stream.counters().bytes},
                              {"events", stream.counters().events},
                              {"dropped", stream.counters().dropped_events},
                              {"file", stream.position().file},
                              {"position", stream.position().position},
                              {"gtid", stream.last_gtid()}});
}

Task<void> ReplicaSession::serve() {
  const bool begun = co_await begin();
  if (begun) logged_in_ = co_await log_in();
  if (logged_in_) {
    relay_->metrics().login_accepted();
    co_await serve_commands();
  } else {
    relay_->metrics().login_refused(refusal_);
    log_refused();
  }
  if (!master_ || dump_) co_return;
  co_await master_->quit();
}

/// Finds out who has come.
Task<bool> ReplicaSession::begin() {
  // A health check, most likely, which has reset the connection as soon as there was one.
  bool known = endpoints_.peer.port() != 0;
  if (!known) end("closed by the peer");
  if (known && behind_proxy_ && !login_place_) {
    // To wait for the header takes a place, or there would be any number of those who send none.
    refusal_ = LoginRefusal::too_many_logins;
    end("too many logins at once");
    known = false;
  } else if (behind_proxy_) {
    known = co_await ask_proxy();
  }
  // Anybody can cause this, as often as he likes: there is a line when he has logged in.
  log_.debug("session started");
  tap_->begins();
  co_return known;
}

/// The load balancer says of whom the connection is.
Task<bool> ReplicaSession::ask_proxy() {
  connection_->set_deadline(relay_->config().replica.login_timeout,
                            "waiting for a PROXY header, as proxy_protocol wants");
  const auto header = co_await read_proxy_header(*connection_);
  if (!header) {
    // Unless Sluice itself has ended it.
    if (!header.error().empty() && reason_.empty()) refusal_ = LoginRefusal::proxy_header;
    end(header.error());
    co_return false;
  }
  behind_proxy_ = false;
  if (header->ends) {
    endpoints_ = endpoints_of(*header->ends);
    const std::string proxy = std::exchange(peer_, address_of(endpoints_.peer));
    log_ = relay_->log();
    log_.add({{"session", thread_id_}, {"peer", peer_}, {"proxy", proxy}});
  } else if (!is_in(endpoints_.peer, relay_->allowed())) {
    end("a load balancer's health check");
    co_return false;
  }
  take_login_place();
  co_return true;
}

/// Whether it has come to nothing before anything was said that not everybody can say: of such
/// there can be as many as somebody likes.
bool ReplicaSession::is_by_anybody() const {
  return !logged_in_ && user_.empty() && refusal_ != LoginRefusal::credentials;
}

/// Whoever watches warnings only must see it. Connections that come to nothing are no refusals, as
/// those of health checks and of whoever scans for ports; of credentials there is a line already.
void ReplicaSession::log_refused() {
  if (refusal_ == LoginRefusal::broken || refusal_ == LoginRefusal::credentials) return;
  log::Context line = log_;
  line.add({{"reason", reason_}, {"refused_for", to_string(refusal_)}});
  if (!is_by_anybody()) {
    line.warn("login refused");
  } else if (const auto left_out = relay_->refusals().admit()) {
    line.warn("login refused", {{"left_out", *left_out}});
  }
}

void ReplicaSession::post(std::function<void(ReplicaSession&)> job) {
  asio::post(connection_->socket().get_executor(),
             [self = shared_from_this(), job = std::move(job)] { job(*self); });
}

void ReplicaSession::kill(std::string reason) {
  post([reason = std::move(reason)](ReplicaSession& self) { self.end(reason); });
}

void ReplicaSession::drain(std::string reason) {
  post([reason = std::move(reason)](ReplicaSession& self) {
    if (self.dump_) {
      self.dump_->drain(reason);
    } else {
      self.end(reason);
    }
  });
}

void ReplicaSession::dismiss(std::string reason) {
  post([reason = std::move(reason)](ReplicaSession& self) {
    if (!self.dump_) return self.end(reason);
    self.dump_->drain(reason);
    const auto timer = std::make_shared<Timer>(self.connection_->socket().get_executor());
    timer->expires_after(dismissal_time);
    timer->async_wait([weak = self.weak_from_this(), timer, reason](auto) {
      if (const auto session = weak.lock()) session->end(reason);
    });
  });
}

void ReplicaSession::end_login(std::string reason) {
  post([reason = std::move(reason)](ReplicaSession& self) {
    if (!self.logged_in_) self.end(reason);
  });
}

/// That place among those that log in is another's now.
void ReplicaSession::give_way(unsigned login_place) {
  post([login_place](ReplicaSession& self) {
    // Has just logged in, or it was that of the load balancer, and the replica has one of its own.
    if (!self.login_place_ || login_place != self.login_places_) return;
    self.refusal_ = LoginRefusal::too_many_logins;
    self.end("too many logins at once");
  });
}

SessionStatus ReplicaSession::status() const {
  SessionStatus status;
  status.id = thread_id_;
  status.relay = relay_->config().name;
  status.peer = peer_;
  status.user = user_;
  status.since = since_;
  status.state = dump_        ? SessionStatus::State::streaming
                 : logged_in_ ? SessionStatus::State::idle
                              : SessionStatus::State::login;
  status.client_name = client_name_;
  status.client_version = client_version_;
  status.program = program_;
  status.server_id = server_id_;
  status.uuid = replica_uuid_;
  status.replica_tls = connection_->tls_description();
  status.replica_compression = wire::name_of(compression_);
  status.master = relay_->master()->address();
  if (master_) {
    status.master_version = master_->greeting().server_version;
    status.master_tls = master_->connection().tls_description();
    status.master_compression = wire::name_of(master_->compression());
  }
  if (dump_) {
    status.by_gtid = by_gtid_;
    status.semi_sync = semi_sync_;
    dump_->fill(status);
  }
  return status;
}

tap::SessionFacts ReplicaSession::facts() const {
  return {thread_id_, relay_->config().name, peer_, endpoints_.peer, endpoints_.own};
}

Task<bool> ReplicaSession::reply(const wire::ErrPacket& error) {
  Buffer payload;
  wire::serialize(error, payload);
  std::uint8_t sequence = channel_.next_sequence();
  co_return co_await send(payload, sequence);
}

Task<bool> ReplicaSession::reply_ok() {
  Buffer payload;
  wire::serialize(wire::OkPacket{}, wire::minimal_dialect, payload);
  std::uint8_t sequence = channel_.next_sequence();
  co_return co_await send(payload, sequence);
}

Task<bool> ReplicaSession::send(Bytes payload, std::uint8_t& sequence) {
  Buffer packet;
  wire::append_packet(packet, payload, sequence);
  if (logged_in_) {
    tap_->answered(packet);
  } else {
    tap_->login_sent(packet);
  }
  co_return co_await connection_->write(packet);
}

void ReplicaSession::end(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  connection_->close(reason_);
  master_interrupt_.raise(reason_);
}

}  // namespace sluice::proxy
