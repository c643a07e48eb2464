// Sessions with the master that are resumed: the second connection and all later ones spare both
// sides the certificate, its verification and a signature.
#pragma once

#include <openssl/ssl.h>

namespace sluice::proxy {

/// Keeps the ticket that the master gave last, as long as the context lives: a reload makes another
/// one, and starts with a full handshake. Only connections to one master may share the context:
/// what was verified, the name among it, is not verified again. Safe from all threads.
void keep_ticket(SSL_CTX& context);

/// Offers the ticket, if there is one. The master decides; a full handshake follows if it does not
/// know it any more.
void offer_ticket(SSL& ssl);

}  // namespace sluice::proxy
