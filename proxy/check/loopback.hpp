// A login through Sluice itself, when it is running: what a replica does first.
#pragma once

#include <filesystem>
#include <optional>

#include "proxy/check/network.hpp"
#include "proxy/check/server_facts.hpp"
#include "proxy/master/master_failure.hpp"

namespace sluice::proxy::check {

struct LoopbackFacts {
  std::string skipped;              ///< why it was not tried; empty: it was
  std::vector<std::string> remedy;  ///< to have it tried, or none
  std::string address;
  std::string user;
  std::optional<MasterFailure> failure;  ///< nullopt: logged in
  std::string tls;
  bool own_certificate = true;         ///< the one that the configuration names was shown
  std::optional<std::string> version;  ///< of the greeting
  std::string question_error;          ///< empty: all were answered
  std::size_t events = 0;              ///< that a dump has brought
  std::string first_file;              ///< of the dump
  std::string dump_error;              ///< empty: it came to the format description at least
};

/// `master` may be null: it was not reached.
[[nodiscard]] Findings judge_loopback(const LoopbackFacts& facts, const ServerFacts* master);

/// Logs in at the first listening address as one of the configured users, asks what replicas ask,
/// and has the first events sent.
[[nodiscard]] LoopbackFacts log_in_through(const RelayConfig& relay,
                                           const std::filesystem::path& config_path,
                                           const NetworkFacts& network);

}  // namespace sluice::proxy::check
