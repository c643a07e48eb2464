#include "proxy/server/master_probe.hpp"

#include <malloc.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>

#include "protocol/wire/server_version.hpp"

namespace sluice::proxy {

namespace asio = boost::asio;

namespace {

constexpr Duration usual_pause = std::chrono::seconds(15);
constexpr Duration first_retry = std::chrono::milliseconds(500);
constexpr Duration longest_retry = std::chrono::seconds(10);
constexpr Duration longest_retry_of_tls = std::chrono::seconds(60);

/// Null: Sluice's account may not see them (REPLICATION CLIENT), or there are none.
Task<std::shared_ptr<const MasterBinlogs>> list_binlogs(MasterConnection& master) {
  const auto answer = co_await master.query("SHOW BINARY LOGS");
  if (!answer) co_return nullptr;
  auto binlogs = std::make_shared<MasterBinlogs>(parse_binary_logs(*answer));
  co_return binlogs->files.empty() ? nullptr : std::move(binlogs);
}

/// Logins and sessions that are over have left room that the C library keeps for others: the system
/// gets it back.
void give_back_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::string version_of(const wire::Greeting& greeting) {
  return std::string(wire::without_replication_prefix(greeting.server_version));
}

}  // namespace

Duration wait_after(MasterFailure::Stage failed, Duration before) {
  const bool is_counted = failed == MasterFailure::Stage::tls;
  return std::clamp(before * 2, first_retry, is_counted ? longest_retry_of_tls : longest_retry);
}

Task<void> MasterProbe::run() {
  Duration retry{};
  while (!stopped_.raised()) {
    const auto failed = co_await look();
    if (stopped_.raised()) co_return;
    retry = failed ? wait_after(*failed, retry) : Duration();
    give_back_free_memory();
    timer_.expires_after(failed ? retry : usual_pause);
    boost::system::error_code cancelled;
    co_await timer_.async_wait(asio::redirect_error(use_task, cancelled));
  }
}

void MasterProbe::stop() {
  stopped_.raise("stopped");
  timer_.cancel();
}

Task<std::optional<MasterFailure::Stage>> MasterProbe::look() {
  relay_->log().debug("looking at the master");
  auto opened = co_await MasterConnection::open(*relay_->master(), stopped_);
  relay_->log().debug("master looked at");
  if (stopped_.raised()) co_return std::nullopt;
  relay_->metrics().master_probed(opened.has_value());
  if (!opened) {
    if (reached_ || opened.error().text != last_error_) {
      relay_->log().warn("master not reached", {{"master", relay_->master()->address()},
                                                {"reason", opened.error().text}});
    }
    MasterReach lost{MasterReach::State::lost, opened.error().text, nullptr};
    lost.failed = opened.error().stage;
    relay_->set_master_reach(std::move(lost));
    reached_ = false;
    last_error_ = opened.error().text;
    co_return opened.error().stage;
  }
  MasterConnection& master = **opened;
  const bool is_new = relay_->known_master().learn(master.greeting());
  if (is_new || !reached_) {
    relay_->log().info("master reached", {{"master", relay_->master()->address()},
                                          {"version", version_of(master.greeting())},
                                          {"tls", master.connection().tls_description()},
                                          {"compression", wire::name_of(master.compression())}});
    if (master.greeting().is_mariadb()) warn_of_hashes();
  }
  reached_ = true;
  // Whether it can be reached is known by now, and must not wait for the list.
  relay_->set_master_reach({MasterReach::State::reached, "", relay_->master_reach().binlogs});
  master.connection().set_deadline(relay_->config().master.connect_timeout, "listing its binlogs");
  auto binlogs = co_await list_binlogs(master);
  if (stopped_.raised()) co_return std::nullopt;
  relay_->set_master_reach({MasterReach::State::reached, "", std::move(binlogs)});
  co_await master.quit();
  co_return std::nullopt;
}

/// Replicas of MariaDB do not speak caching_sha2_password.
void MasterProbe::warn_of_hashes() const {
  for (const auto& user : relay_->config().replica.users) {
    if (user.verifier.supports(auth::native_password_plugin)) continue;
    relay_->log().warn("password_hash of no use",
                       {{"user", user.name},
                        {"reason",
                         "it is for caching_sha2_password, which replicas of MariaDB do not log in "
                         "with: they need a password, or a hash of sluice passwd --native"}});
  }
}

}  // namespace sluice::proxy
