// What the certificates of a TLS context are: those it sends, and the authorities it trusts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "proxy/tls/tls_context.hpp"

namespace sluice::proxy {

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

/// Whether `a` trusts each of the authorities that `b` trusts. Of such as come from a file, as for
/// is_same_trust().
[[nodiscard]] bool trusts_all_of(const TlsContext& a, const TlsContext& b);

/// Whether both trust the same authorities. They must come from a file: what a folder holds is
/// loaded when it is needed.
[[nodiscard]] bool is_same_trust(const TlsContext& a, const TlsContext& b);

}  // namespace sluice::proxy
