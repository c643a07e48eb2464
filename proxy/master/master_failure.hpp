// Why a master is not reached, or does not answer.
#pragma once

#include <cstdint>
#include <string>

namespace sluice::proxy {

/// Why there is no connection to the master.
struct MasterFailure {
  enum class Stage : std::uint8_t { lookup, connect, tls, login };

  Stage stage = Stage::lookup;
  std::uint16_t code = 0;      ///< the server's error of the login; 0: it has not refused it
  std::string text;            ///< one phrase for the log, without secrets
  std::string server_version;  ///< of the greeting; empty: it has not been seen
};

/// An answer that is no result set: the server's error, or with code 0 the end of the connection.
struct QueryError {
  std::uint16_t code = 0;
  std::string text;
};

}  // namespace sluice::proxy
