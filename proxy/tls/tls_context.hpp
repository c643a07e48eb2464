// TLS settings of both legs, made once from the configuration.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/result.hpp>
#include <memory>
#include <string>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// Towards the master, as a client. The error is a sentence that names the file.
[[nodiscard]] boost::system::result<TlsContext, std::string> make_tls_context(const MasterTls& tls);

/// Towards the replicas, as a server.
[[nodiscard]] boost::system::result<TlsContext, std::string> make_tls_context(
    const ReplicaTls& tls);

}  // namespace sluice::proxy
