// Certificates for tests of TLS.
#pragma once

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string>

#include "protocol/openssl_ptr.hpp"

namespace sluice::test {

using Key = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using Certificate = OpensslPtr<X509, X509_free>;

/// One that has signed itself, valid from `begin` to `end` seconds from now.
inline Certificate make_certificate(EVP_PKEY& key, long begin, long end,
                                    const char* name = "test") {
  Certificate certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begin);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), end);
  X509_set_pubkey(certificate.get(), &key);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  REQUIRE(X509_sign(certificate.get(), &key, EVP_sha256()) > 0);
  return certificate;
}

/// Of each that is not null.
inline std::string pem(X509* certificate, EVP_PKEY* key) {
  const OpensslPtr<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
  if (certificate != nullptr) REQUIRE(PEM_write_bio_X509(bio.get(), certificate) == 1);
  if (key != nullptr) {
    REQUIRE(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace sluice::test
