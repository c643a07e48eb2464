// Certificates as text.
#pragma once

#include <openssl/bio.h>
#include <openssl/x509.h>

#include <string>

namespace sluice::proxy {

/// What has been written to a BIO in memory.
[[nodiscard]] std::string memory_of(BIO& out);

/// "CN=db.example.com, O=Example"
[[nodiscard]] std::string name_text(const X509_NAME* name);

}  // namespace sluice::proxy
