#include "proxy/check/certificates.hpp"

#include <algorithm>

#include "proxy/check/statements.hpp"
#include "proxy/config/config_values.hpp"
#include "proxy/tls/soon_over.hpp"
#include "proxy/tls/tls_context.hpp"

namespace sluice::proxy::check {
namespace {

constexpr std::string_view rfc = "RFC 5280, RFC 6125";

/// The one that expires first.
const CertificateFacts& shortest(const std::vector<CertificateFacts>& chain) {
  return *std::ranges::min_element(chain, {}, &CertificateFacts::not_after);
}

Requirement judge_validity(const CertificateFile& file, std::string name, std::time_t now) {
  const CertificateFacts& first = shortest(file.chain);
  Requirement found{std::move(name), State::ok, {}, {}, rfc};
  found.reason = "valid until " + date_text(first.not_after);
  const std::string which = " (" + first.subject + " in " + file.path + ")";
  const auto early = std::ranges::max_element(file.chain, {}, &CertificateFacts::not_before);
  if (first.not_after < now) {
    found.state = State::fail;
    found.reason = "expired on " + date_text(first.not_after) + which;
  } else if (early->not_before > now) {
    found.state = State::fail;
    found.reason = "not valid before " + date_text(early->not_before) + " (" + early->subject +
                   " in " + file.path + "): check the clocks";
  } else if (first.not_after < now + soon_over) {
    found.state = State::warn;
    found.reason +=
        ", in " + std::to_string((first.not_after - now) / seconds_of_day) + " days" + which;
  }
  if (found.state != State::ok) {
    found.remedy = {"# renew it, then have Sluice load it, which ends no session:",
                    "systemctl reload sluice"};
  }
  return found;
}

/// Replicas are given the root; everything between it and the certificate must be in the file.
Requirement judge_chain(const CertificateFile& file) {
  Requirement found{"certificate chain", State::ok, {}, {}, rfc};
  const auto& chain = file.chain;
  if (file.linked + 1 < chain.size()) {
    const CertificateFacts& last = chain[file.linked];
    const CertificateFacts& next = chain[file.linked + 1];
    found.state = State::fail;
    found.reason = "broken: " + last.subject + " is issued by " + last.issuer +
                   ", and behind it comes " + next.subject;
    if (last.issuer == next.subject) found.reason += " that has not signed it";
    found.remedy = {"# each certificate in " + file.path + " followed by the one that issued it"};
    return found;
  }
  const std::string count =
      std::to_string(chain.size()) + (chain.size() == 1 ? " certificate" : " certificates");
  if (chain.back().self_signed) {
    found.reason = "complete, " + count + " up to " + chain.back().subject;
  } else if (file.root_known) {
    found.reason = "complete, " + count + "; its authority is " + chain.back().issuer;
  } else {
    found.state = State::warn;
    found.reason = count + "; " + chain.back().issuer +
                   " is not in the file: replicas that are given another authority refuse it";
    found.remedy = {"cat authority.pem >> " + file.path};
  }
  return found;
}

/// The file, and what is wrong with it in the settings that name it.
template <typename Tls>
CertificateFile look_into_own(std::string key_name, const Tls& tls, const std::string& host) {
  CertificateFile file = look_into(std::move(key_name), tls.cert, host);
  if (!file.problem.text.empty()) return file;
  const auto made = make_tls_context(tls);
  if (!made) file.problem = made.error();
  return file;
}

}  // namespace

Lines remedy_for_tls(TlsFault fault) {
  switch (fault) {
    case TlsFault::key_of_another:
      return {
          "# these two must be the same:", "openssl x509 -noout -pubkey -in CERT | openssl sha256",
          "openssl pkey -pubout -in KEY | openssl sha256"};
    case TlsFault::too_weak:
      return {"# a new key, and a certificate for it that is signed with SHA-256:",
              "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out KEY"};
    case TlsFault::encrypted_key:
      return {"openssl pkey -in KEY -out NEW-KEY    # asks for its password"};
    case TlsFault::wrong_order:
      return {"# in one file, one behind the other:", "cat OWN.pem ISSUER.pem > CERT"};
    case TlsFault::unusable_key:
      return {"# it must be a private key in PEM:", "openssl pkey -noout -text -in KEY"};
    case TlsFault::unusable_file:
      break;
  }
  return {"# each certificate in it must be whole and in PEM:",
          "openssl storeutl -noout -text -certs FILE"};
}

CertificateFile look_into(std::string key_name, const std::string& path,
                          const std::string& advertised_host) {
  CertificateFile file;
  file.key_name = std::move(key_name);
  file.path = path;
  const auto certificates = read_certificates(path);
  if (!certificates) {
    file.problem.text = certificates.error();
    return file;
  }
  for (const Certificate& certificate : *certificates) {
    file.chain.push_back(facts_of(*certificate));
  }
  while (file.linked + 1 < certificates->size() &&
         is_issued_by(*(*certificates)[file.linked], *(*certificates)[file.linked + 1])) {
    ++file.linked;
  }
  file.root_known = issuer_in_system_store(*certificates->back()) != nullptr;
  if (!advertised_host.empty()) {
    file.covers_advertise = covers(*certificates->front(), advertised_host);
  }
  return file;
}

Requirement judge_names(const CertificateFile& file, const std::string& advertised_host) {
  const CertificateFacts& own = file.chain.front();
  Requirement found{"certificate names", State::skip, names_text(own), {}, rfc};
  if (!file.covers_advertise) {
    found.reason += "; [[relay]] has no advertise to compare it with";
    return found;
  }
  found.state = State::ok;
  if (*file.covers_advertise) return found;
  found.state = State::fail;
  found.reason = own.by_common_name
                     ? "it has no subjectAltName, which replicas that verify it look at, but the "
                       "common name " +
                           names_text(own) + " only"
                     : "it is for " + names_text(own) + ", not for " + advertised_host +
                           ": replicas that verify it refuse it";
  found.remedy = {"# a certificate with this name in it:",
                  "subjectAltName = " + std::string(is_address(advertised_host) ? "IP:" : "DNS:") +
                      advertised_host};
  return found;
}

Findings judge_own_certificate(const CertificateFile& file, const std::string& advertised_host,
                               std::time_t now) {
  Requirement usable{"certificate and key", State::ok, "they belong together", {}, "OpenSSL"};
  if (!file.problem.text.empty()) {
    usable.state = State::fail;
    usable.reason = file.problem.text;
    usable.remedy = remedy_for_tls(file.problem.fault);
  } else if (!file.chain.empty() && !file.chain.front().for_servers) {
    usable.state = State::fail;
    usable.reason = "it is not for TLS servers: replicas that verify it refuse it";
    usable.remedy = {"# a certificate with these:", "keyUsage = digitalSignature, keyEncipherment",
                     "extendedKeyUsage = serverAuth"};
    usable.source = rfc;
  }
  if (file.chain.empty()) return {usable};
  Requirement validity = judge_validity(file, "certificate validity", now);
  if (!validity.remedy.empty() && file.chain.front().self_signed) {
    validity.remedy.insert(validity.remedy.begin(),
                           "# it signed itself: replicas that verify it must trust the new one "
                           "first, sluice link --ca with both prints how");
  }
  return {usable, std::move(validity), judge_chain(file), judge_names(file, advertised_host)};
}

Requirement judge_other_certificate(const CertificateFile& file, std::time_t now) {
  if (!file.problem.text.empty() || file.chain.empty()) {
    return {file.key_name, State::fail, file.problem.text, remedy_for_tls(file.problem.fault),
            "OpenSSL"};
  }
  return judge_validity(file, file.key_name, now);
}

Requirement judge_authorities(const CertificateFile& file, std::time_t now) {
  CertificateFile valid = file;
  const auto past = std::erase_if(valid.chain, [now](const CertificateFacts& one) {
    return one.not_after < now || one.not_before > now;
  });
  if (past == 0 || valid.chain.empty()) return judge_other_certificate(file, now);
  Requirement found = judge_other_certificate(valid, now);
  found.state = State::warn;
  found.reason = std::to_string(past) + " of " + std::to_string(file.chain.size()) +
                 " are not valid now; the others: " + found.reason;
  return found;
}

Requirement check_admin_certificate(const AdminConfig& admin, std::time_t now) {
  ReplicaTls tls;
  tls.cert = admin.cert;
  tls.key = admin.key;
  return judge_other_certificate(look_into_own("admin.tls.cert", tls, ""), now);
}

Findings check_certificates(const RelayConfig& relay, std::time_t now) {
  Findings found;
  const std::string host = relay.advertise ? relay.advertise->host : "";
  const ReplicaTls& own = relay.replica.tls;
  if (own.mode != ReplicaTlsMode::disabled) {
    found = judge_own_certificate(look_into_own("replica.tls.cert", own, host), host, now);
    if (!own.client_ca.empty()) {
      found.push_back(judge_authorities(look_into("client_ca", own.client_ca, ""), now));
    }
  } else {
    found.push_back(
        {"certificate",
         State::warn,
         "replica.tls.mode is \"disabled\": the binlog crosses that network in the clear",
         {"[relay.replica.tls]", "cert = \"server.pem\"", "key = \"server.key\""},
         "Sluice"});
  }
  const MasterTls& master = relay.master.tls;
  if (master.mode == MasterTlsMode::disabled) return found;
  if (!master.ca.empty() && master.mode >= MasterTlsMode::verify_ca) {
    found.push_back(judge_authorities(look_into("master.tls.ca", master.ca, ""), now));
  }
  if (!master.cert.empty()) {
    found.push_back(judge_other_certificate(look_into_own("master.tls.cert", master, ""), now));
  }
  return found;
}

}  // namespace sluice::proxy::check
