#include "proxy/tls/context_certificates.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <vector>

#include "proxy/tls/certificate_text.hpp"
#include "proxy/tls/soon_over.hpp"

namespace sluice::proxy {
namespace {

using Certificates = STACK_OF(X509);

/// Null: none.
const Certificates* chain_of(SSL_CTX& context) {
  Certificates* chain = nullptr;
  SSL_CTX_get0_chain_certs(&context, &chain);
  return chain;
}

struct FreeCertificates {
  void operator()(Certificates* list) const { sk_X509_pop_free(list, X509_free); }
};

/// A copy: OpenSSL sorts the store's own when it looks for one.
std::unique_ptr<Certificates, FreeCertificates> trusted_by(SSL_CTX& context) {
  return std::unique_ptr<Certificates, FreeCertificates>(
      X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(&context)));
}

/// All that it sends: its own first, and what its file has behind it.
std::vector<const X509*> shown_by(const TlsContext& context) {
  const X509* const own = context ? SSL_CTX_get0_certificate(context.get()) : nullptr;
  if (own == nullptr) return {};
  std::vector<const X509*> shown{own};
  const Certificates* const chain = chain_of(*context);
  for (int i = 0; i < sk_X509_num(chain); ++i) shown.push_back(sk_X509_value(chain, i));
  return shown;
}

bool ends_before(const X509* a, const X509* b) {
  return ASN1_TIME_compare(X509_get0_notAfter(a), X509_get0_notAfter(b)) < 0;
}

/// Its own, where several end at once.
const X509* first_to_expire(const std::vector<const X509*>& shown) {
  return *std::ranges::min_element(shown, ends_before);
}

/// Such as "has expired"; empty: nothing is wrong.
std::string end_problem(const X509* certificate) {
  const ASN1_TIME* const end = X509_get0_notAfter(certificate);
  std::time_t then = std::time(nullptr) + soon_over;
  if (X509_cmp_current_time(end) < 0) return "has expired";
  return X509_cmp_time(end, &then) < 0 ? "expires within two weeks" : "";
}

bool has_all_of(const Certificates* list, const Certificates* wanted) {
  for (int i = 0; i < sk_X509_num(wanted); ++i) {
    int j = 0;
    while (j < sk_X509_num(list) && X509_cmp(sk_X509_value(wanted, i), sk_X509_value(list, j)) != 0)
      ++j;
    if (j >= sk_X509_num(list)) return false;
  }
  return true;
}

/// In whatever order.
bool is_same_list(const Certificates* a, const Certificates* b) {
  return std::max(sk_X509_num(a), 0) == std::max(sk_X509_num(b), 0) && has_all_of(b, a);
}

}  // namespace

std::optional<std::int64_t> certificate_expiry(const TlsContext& context) {
  const auto shown = shown_by(context);
  std::tm parts{};
  if (shown.empty() || ASN1_TIME_to_tm(X509_get0_notAfter(first_to_expire(shown)), &parts) != 1) {
    return std::nullopt;
  }
  return ::timegm(&parts);
}

std::string certificate_problem(const TlsContext& context) {
  const auto shown = shown_by(context);
  if (shown.empty()) return {};
  const auto name_of = [&](const X509* certificate) {
    return certificate == shown.front()
               ? std::string("it")
               : name_text(X509_get_subject_name(certificate)) + ", which is sent along,";
  };
  for (const X509* const certificate : shown) {
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) <= 0) continue;
    return name_of(certificate) + " is not valid yet";
  }
  const X509* const first = first_to_expire(shown);
  const std::string ends = end_problem(first);
  return ends.empty() ? "" : name_of(first) + " " + ends;
}

std::string authorities_problem(const TlsContext& context) {
  const auto trusted = context ? trusted_by(*context) : nullptr;
  const X509* last = nullptr;
  for (int i = 0; i < sk_X509_num(trusted.get()); ++i) {
    const X509* const one = sk_X509_value(trusted.get(), i);
    if (last == nullptr || ends_before(last, one)) last = one;
  }
  const std::string ends = last ? end_problem(last) : "";
  if (ends.empty()) return {};
  return name_text(X509_get_subject_name(last)) + ", the last of them to expire, " + ends;
}

bool is_same_certificate(const TlsContext& a, const TlsContext& b) {
  const X509* const shown_by_a = a ? SSL_CTX_get0_certificate(a.get()) : nullptr;
  const X509* const shown_by_b = b ? SSL_CTX_get0_certificate(b.get()) : nullptr;
  if (!shown_by_a || !shown_by_b) return shown_by_a == shown_by_b;
  return X509_cmp(shown_by_a, shown_by_b) == 0 && is_same_list(chain_of(*a), chain_of(*b));
}

bool trusts_all_of(const TlsContext& a, const TlsContext& b) {
  if (!b) return true;
  return a && has_all_of(trusted_by(*a).get(), trusted_by(*b).get());
}

bool is_same_trust(const TlsContext& a, const TlsContext& b) {
  if (!a || !b) return !a == !b;
  const auto trusted_by_a = trusted_by(*a);
  const auto trusted_by_b = trusted_by(*b);
  return is_same_list(trusted_by_a.get(), trusted_by_b.get());
}

}  // namespace sluice::proxy
