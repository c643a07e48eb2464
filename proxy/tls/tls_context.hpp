// TLS settings of both legs, made once from the configuration.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "proxy/config/config.hpp"

namespace sluice::proxy {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// Towards the master, as a client. The error is a sentence that names the file.
[[nodiscard]] boost::system::result<TlsContext, std::string> make_tls_context(const MasterTls& tls);

/// Towards the replicas, as a server.
[[nodiscard]] boost::system::result<TlsContext, std::string> make_tls_context(
    const ReplicaTls& tls);

/// When the first of the certificates that this side sends expires, its own or one that stands
/// behind it in the file, in Unix time. nullopt: it sends none.
[[nodiscard]] std::optional<std::int64_t> certificate_expiry(const TlsContext& context);

/// What is wrong with their times, such as "it has expired", or with its name that of one behind
/// it; empty: nothing, or it sends none.
[[nodiscard]] std::string certificate_problem(const TlsContext& context);

/// The same of the authorities that it trusts, of the last of them to expire: those before it may
/// be there for certificates that are no more. They must come from a file, as for is_same_trust().
[[nodiscard]] std::string authorities_problem(const TlsContext& context);

/// Whether both show the other side the same certificate, with the same chain. Null contexts show
/// none.
[[nodiscard]] bool is_same_certificate(const TlsContext& a, const TlsContext& b);

/// Whether both trust the same authorities. They must come from a file: what a folder holds is
/// loaded when it is needed.
[[nodiscard]] bool is_same_trust(const TlsContext& a, const TlsContext& b);

}  // namespace sluice::proxy
