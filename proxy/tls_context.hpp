// TLS settings of both legs, made once from the configuration.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "proxy/config.hpp"

namespace sluice::proxy {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// Towards the master, as a client. The error is a sentence that names the file.
[[nodiscard]] boost::system::result<TlsContext, std::string> make_tls_context(const MasterTls& tls);

/// Towards the replicas, as a server.
[[nodiscard]] boost::system::result<TlsContext, std::string> make_tls_context(
    const ReplicaTls& tls);

/// When the certificate that this side shows expires, in Unix time. nullopt: it shows none.
[[nodiscard]] std::optional<std::int64_t> certificate_expiry(const TlsContext& context);

/// What is wrong with its time, such as "it has expired"; empty: nothing, or it shows none.
[[nodiscard]] std::string certificate_problem(const TlsContext& context);

/// Whether both show the other side the same certificate, with the same chain. Null contexts show
/// none.
[[nodiscard]] bool is_same_certificate(const TlsContext& a, const TlsContext& b);

/// Whether both trust the same authorities. They must come from a file: what a folder holds is
/// loaded when it is needed.
[[nodiscard]] bool is_same_trust(const TlsContext& a, const TlsContext& b);

}  // namespace sluice::proxy
