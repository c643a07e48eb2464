// TLS settings of both legs, made once from the configuration.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// What is wrong with the files that TLS needs, as far as something else is to be done about it.
enum class TlsFault : std::uint8_t {
  unusable_file,  ///< of certificates: it is not there, or not in PEM
  unusable_key,
  encrypted_key,
  key_of_another,
  wrong_order,  ///< of certificates
  too_weak,     ///< a key or a signature, for what OpenSSL accepts
};

struct TlsProblem {
  std::string text;  ///< a sentence that names the file
  TlsFault fault = TlsFault::unusable_file;
};

/// Towards the master, as a client.
[[nodiscard]] boost::system::result<TlsContext, TlsProblem> make_tls_context(const MasterTls& tls);

/// Towards the replicas, as a server.
[[nodiscard]] boost::system::result<TlsContext, TlsProblem> make_tls_context(const ReplicaTls& tls);

}  // namespace sluice::proxy
