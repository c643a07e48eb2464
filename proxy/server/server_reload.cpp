// Server's second part: what a loading of the configuration makes, and how it takes the place of
// the one before.
#include <algorithm>
#include <map>

#include "proxy/base/list_text.hpp"
#include "proxy/config/config_admin.hpp"
#include "proxy/config/config_changes.hpp"
#include "proxy/event_loop/spawn.hpp"
#include "proxy/replica/replica_session.hpp"
#include "proxy/server/server.hpp"
#include "proxy/tls/context_certificates.hpp"

namespace sluice::proxy {
namespace {

std::string list_changes(const Relay& before, const Relay& after) {
  auto changed = changed_sections(before.config(), after.config());
  const auto compare = [&changed](bool same, std::string_view name) {
    if (!same) changed.push_back(name);
  };
  const TlsContext& old_master = before.master()->tls;
  const TlsContext& new_master = after.master()->tls;
  compare(is_same_certificate(old_master, new_master), "the certificate for the master");
  // The system's authorities are looked up when they are needed: there is nothing to compare.
  if (!after.config().master.tls.ca.empty()) {
    compare(is_same_trust(old_master, new_master), "the authorities for the master");
  }
  compare(is_same_certificate(before.replica_tls(), after.replica_tls()),
          "the certificate for replicas");
  compare(is_same_trust(before.replica_tls(), after.replica_tls()), "the authorities for replicas");
  std::string list;
  for (const auto& name : changed) add_to_list(list, name);
  return list;
}

/// Whether an authority was taken away by which a session's master, or replica, may have been
/// verified. The system's are not looked at.
bool trusts_less(const Relay& before, const Relay& after) {
  const RelayConfig& config = after.config();
  return (config.master.tls.mode >= MasterTlsMode::verify_ca && !config.master.tls.ca.empty() &&
          !trusts_all_of(after.master()->tls, before.master()->tls)) ||
         (!config.replica.tls.client_ca.empty() &&
          !trusts_all_of(after.replica_tls(), before.replica_tls()));
}

/// What of [admin] stays as it is until a restart, and why.
struct KeptAdmin {
  std::string_view key;  ///< empty: nothing
  std::string_view reason;
  bool all = false;  ///< else all but `key` holds from now on
};

/// Whether and where the admin interface listens needs a restart: `now` becomes what holds without.
KeptAdmin keep_listening(const std::optional<AdminConfig>& before,
                         std::optional<AdminConfig>& now) {
  KeptAdmin kept;
  if (!before && !now) return kept;
  if (before && now) {
    if (before->listen == now->listen) return kept;
    kept = {"admin.listen", "the rest of [admin] holds from now on"};
    now->listen = before->listen;
    const bool open = now->token.empty() || now->cert.empty();
    if (!open || !is_reached_from_elsewhere(now->listen)) return kept;
    kept.reason = "all of [admin] stays: where it listens it needs a token and a certificate";
  } else {
    kept = {"admin", now ? "the section is new: nothing listens yet"
                         : "the section is gone: the admin interface goes on as it was"};
  }
  kept.all = true;
  now = before;
  return kept;
}

}  // namespace

std::shared_ptr<Relay> Server::Generation::find(std::string_view name) const {
  const auto found = std::find_if(relays.begin(), relays.end(), [name](const auto& relay) {
    return relay->config().name == name;
  });
  return found == relays.end() ? nullptr : *found;
}

/// Makes relays and listeners of a configuration beside those that run, and changes nothing there.
Server::Generation Server::prepare(std::vector<RelayConfig> relays, Problems& problems) {
  Generation next;
  for (RelayConfig& made : relays) {
    const std::string name = made.name;
    const auto before = now_.find(name);
    auto relay = Relay::make(std::move(made), sessions_, metrics_->of_relay(name), before.get());
    if (!relay) {
      problems.configuration.push_back(relay.error());
      continue;
    }
    next.relays.push_back(*relay);
    next.probes.push_back(std::make_shared<MasterProbe>(*relay, threads_.first().get_executor()));
    prepare_places(*relay, next, problems);
  }
  return next;
}

void Server::prepare_places(const std::shared_ptr<Relay>& relay, Generation& next,
                            Problems& problems) {
  for (const ListenAddress& address : relay->config().listen) {
    auto listener = find_listener(address);
    if (!listener) {
      if (const auto own = find_overlapping(address)) {
        problems.addresses.push_back("relay " + relay->config().name + ": cannot listen on " +
                                     to_text(address) + " while Sluice itself listens on " +
                                     to_text(own->address()) + ": this change needs a restart");
        continue;
      }
      auto opened = Listener::open(relay, address, threads_);
      if (!opened) {
        problems.addresses.push_back(opened.error());
        continue;
      }
      listener = *opened;
    }
    next.places.push_back({listener, relay});
  }
}

/// Null: nobody listens there yet.
std::shared_ptr<Listener> Server::find_listener(const ListenAddress& address) const {
  for (const auto& place : now_.places) {
    if (place.listener->address() == address) return place.listener;
  }
  return nullptr;
}

/// Null: none that the system would not let another listen beside.
std::shared_ptr<Listener> Server::find_overlapping(const ListenAddress& address) const {
  for (const auto& place : now_.places) {
    if (overlap(place.listener->address(), address)) return place.listener;
  }
  return nullptr;
}

/// From here on new connections are of this configuration. Returns the one before.
Server::Generation Server::adopt(Generation next) {
  for (const auto& relay : next.relays) relay->metrics().appear();
  for (const auto& [listener, relay] : next.places) {
    if (find_listener(listener->address())) {
      listener->serve(relay);
    } else {
      keep_running(threads_.first(), "listener", [listener = listener] { return listener->run(); });
    }
  }
  std::swap(now_, next);
  if (admin_) admin_->set_relays(now_.relays);
  for (const auto& [listener, relay] : next.places) {
    if (!find_listener(listener->address())) listener->stop();
  }
  for (const auto& probe : next.probes) probe->stop();
  for (const auto& before : next.relays) {
    const auto after = now_.find(before->config().name);
    if (!after || !is_same_server(before->config().master, after->config().master)) {
      before->metrics().forget_master();
    }
  }
  for (const auto& relay : now_.relays) relay->show_certificates();
  for (const auto& probe : now_.probes) {
    keep_running(threads_.first(), "looking at the master", [probe] { return probe->run(); });
  }
  return next;
}

/// The running configuration stays.
void Server::refuse(const Problems& problems) {
  metrics_->configuration_loaded(false);
  const auto all = problems.all();
  refused_ = all.front();
  for (const auto& problem : all) log::error("configuration", {{"reason", problem}});
  log::error("the configuration was not loaded, the running one stays", {{"problems", all.size()}});
}

void Server::reload() {
  manager_.reloading();
  try {
    load_anew();
  } catch (const std::exception& error) {
    Problems problems;
    problems.configuration.push_back(std::string("given up before all of it was loaded: ") +
                                     error.what());
    refuse(problems);
  }
  manager_.ready(summary());
}

void Server::load_anew() {
  Problems problems;
  auto loaded = load_config(path_);
  if (const auto* errors = std::get_if<ConfigErrors>(&loaded)) {
    for (const auto& error : *errors) problems.configuration.push_back(error.to_string());
    return refuse(problems);
  }
  auto& config = std::get<Config>(loaded);
  for (const auto& warning : config.warnings) {
    log::warn("configuration", {{"reason", warning.to_string()}});
  }
  Generation next = prepare(std::move(config.relays), problems);
  const KeptAdmin kept = keep_listening(config_.admin, config.admin);
  TlsContext admin_tls;
  if (admin_ && !kept.all) {
    auto made = admin::AdminServer::make_tls(*config.admin);
    if (!made) problems.configuration.push_back(made.error());
    if (made) admin_tls = *std::move(made);
  }
  if (!problems.empty()) return refuse(problems);

  log::set_level(config.log.level);
  if (config.log.format != config_.log.format) {
    log::warn("a change needs a restart", {{"key", "log.format"}});
  }
  if (config.threads != config_.threads) {
    log::warn("a change needs a restart", {{"key", "runtime.threads"}});
  }
  if (!kept.key.empty()) {
    log::warn("a change needs a restart", {{"key", kept.key}, {"reason", kept.reason}});
  }
  // What runs is compared with the next time, too.
  config.log.format = config_.log.format;
  config.threads = config_.threads;
  if (admin_ && !kept.all) admin_->set_config(*config.admin, std::move(admin_tls));
  config_ = std::move(config);
  const Generation before = adopt(std::move(next));
  log_changes(before);
  drain_changed();
  metrics_->configuration_loaded(true);
  refused_.clear();
  log::info("configuration loaded", {{"config", path_.string()}});
}

void Server::log_changes(const Generation& before) const {
  for (const auto& relay : now_.relays) {
    const auto old = before.find(relay->config().name);
    const std::string changes = old ? list_changes(*old, *relay) : "";
    if (!old) {
      relay->log().info("relay added");
    } else if (changes.empty()) {
      relay->log().info("relay unchanged");
    } else {
      relay->log().info("relay changed", {{"changed", changes}});
    }
    if (!old || !changes.empty()) relay->log_warnings();
  }
  for (const auto& relay : before.relays) {
    if (!now_.find(relay->config().name)) relay->log().info("relay removed");
  }
}

/// A rule takes effect between two groups of events only, so sessions go on to the next border with
/// what they began with, and come back; where an authority is not trusted any more, for so long as
/// dismiss() lets them. Who has not logged in yet does so by the new configuration.
void Server::drain_changed() {
  // Sessions can be many, and to compare authorities takes its time: once for each relay there was.
  struct Compared {
    bool has_changed;
    bool may_stay;
    bool is_trusted;
  };
  std::map<const Relay*, Compared> known;
  const auto compare = [&known](const Relay& theirs, const Relay& ours) {
    const auto found = known.find(&theirs);
    if (found != known.end()) return found->second;
    const bool is_trusted = !trusts_less(theirs, ours);
    return known[&theirs] = {
               .has_changed = !list_changes(theirs, ours).empty(),
               .may_stay = is_trusted && is_same_stream(theirs.config(), ours.config()),
               .is_trusted = is_trusted};
  };
  for (const auto& session : sessions_->all()) {
    const Relay& theirs = session->relay();
    const auto ours = now_.find(theirs.config().name);
    const Compared compared = ours ? compare(theirs, *ours) : Compared{};
    if (compared.may_stay) {
      if (compared.has_changed) session->end_login("another configuration");
      continue;
    }
    const char* const reason = ours ? "another configuration" : "the relay was removed";
    theirs.log().info("draining a session",
                      {{"session", session->thread_id()}, {"reason", reason}});
    if (ours && !compared.is_trusted) {
      session->dismiss(reason);
    } else {
      session->drain(reason);
    }
  }
}

}  // namespace sluice::proxy
