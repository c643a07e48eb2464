#include "proxy/check/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>

#include "protocol/openssl_ptr.hpp"
#include "proxy/base/list_text.hpp"
#include "proxy/config/config_values.hpp"
#include "proxy/tls/certificate_text.hpp"
#include "proxy/tls/tls_error.hpp"

namespace sluice::proxy::check {
namespace {

using Store = OpensslPtr<X509_STORE, X509_STORE_free>;
using StoreContext = OpensslPtr<X509_STORE_CTX, X509_STORE_CTX_free>;
/// Certificates that somebody else keeps.
using Stack = OpensslPtr<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;

std::time_t time_of(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? ::timegm(&parts) : 0;
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int size = ASN1_STRING_length(bytes);
  if (size != 4 && size != 16) return {};
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

std::vector<std::string> alternative_names(X509& certificate) {
  std::vector<std::string> names;
  const OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free> all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) names.push_back(address_of(name->d.iPAddress));
  }
  return names;
}

/// Clients look at the common name only where there are no alternative names, and then not all.
std::vector<std::string> common_name(X509& certificate) {
  std::vector<std::string> names;
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return names;
}

bool is_signed_by(X509& certificate, X509& authority) {
  const bool signed_by = X509_verify(&certificate, X509_get0_pubkey(&authority)) == 1;
  ERR_clear_error();
  return signed_by;
}

}  // namespace

boost::system::result<std::vector<Certificate>, std::string> read_certificates(
    const std::string& path) {
  ERR_clear_error();
  const OpensslPtr<BIO, BIO_free> file(BIO_new_file(path.c_str(), "r"));
  if (!file) return path + ": " + take_tls_error();
  std::vector<Certificate> certificates;
  while (X509* one = PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(one, &X509_free);
  }
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  const std::string error = take_tls_error();
  if (certificates.empty()) return path + " holds no certificate (PEM)";
  if (reason != PEM_R_NO_START_LINE) return path + ": " + error;
  return certificates;
}

CertificateFacts facts_of(X509& certificate) {
  CertificateFacts facts;
  facts.subject = name_text(X509_get_subject_name(&certificate));
  facts.issuer = name_text(X509_get_issuer_name(&certificate));
  facts.names = alternative_names(certificate);
  facts.by_common_name = facts.names.empty();
  if (facts.by_common_name) facts.names = common_name(certificate);
  facts.not_before = time_of(X509_get0_notBefore(&certificate));
  facts.not_after = time_of(X509_get0_notAfter(&certificate));
  // Its keyUsage need not allow it to sign others.
  facts.self_signed = facts.subject == facts.issuer && is_signed_by(certificate, certificate);
  facts.for_servers = X509_check_purpose(&certificate, X509_PURPOSE_SSL_SERVER, 0) == 1;
  return facts;
}

bool is_issued_by(X509& certificate, X509& authority) {
  return X509_check_issued(&authority, &certificate) == X509_V_OK &&
         is_signed_by(certificate, authority);
}

bool covers(X509& certificate, const std::string& host) {
  if (is_address(host)) return X509_check_ip_asc(&certificate, host.c_str(), 0) == 1;
  return X509_check_host(&certificate, host.c_str(), host.size(), 0, nullptr) == 1;
}

int verify(const std::vector<Certificate>& chain, const std::string& ca) {
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  const Stack sent(sk_X509_new_null());
  if (!store || !context || !sent || chain.empty()) return X509_V_ERR_UNSPECIFIED;
  const int loaded = ca.empty() ? X509_STORE_set_default_paths(store.get())
                                : X509_STORE_load_file(store.get(), ca.c_str());
  for (const Certificate& certificate : chain) sk_X509_push(sent.get(), certificate.get());
  if (loaded != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), chain.front().get(), sent.get()) != 1) {
    return X509_V_ERR_UNSPECIFIED;
  }
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_verify_cert(context.get());
  const int verdict = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return verdict;
}

Certificate issuer_in_system_store(X509& certificate) {
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  if (!store || !context || X509_STORE_set_default_paths(store.get()) != 1) return nullptr;
  if (X509_STORE_CTX_init(context.get(), store.get(), &certificate, nullptr) != 1) return nullptr;
  X509* issuer = nullptr;
  X509_STORE_CTX_get1_issuer(&issuer, context.get(), &certificate);
  ERR_clear_error();
  return {issuer, &X509_free};
}

std::string to_pem(X509& certificate) {
  const OpensslPtr<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), &certificate) != 1) return {};
  return memory_of(*out);
}

std::string date_text(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts);
  return {text.data(), size};
}

std::string names_text(const CertificateFacts& certificate) {
  std::string text;
  for (const std::string& name : certificate.names) add_to_list(text, name);
  return text.empty() ? "no name" : text;
}

}  // namespace sluice::proxy::check
