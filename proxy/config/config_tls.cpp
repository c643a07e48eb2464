#include "proxy/config/config_tls.hpp"

#include "proxy/config/config_credentials.hpp"

namespace sluice::proxy {
namespace {

void read_min_version(Section& section, TlsVersion& out) {
  section.choice("min_version", out, tls_versions);
  if (out < TlsVersion::tls_1_2) {
    section.warning(
        "min_version",
        "TLS older than 1.2 is not secure; only MySQL 5.6, and 5.7 with yaSSL, need it");
  }
}

}  // namespace

void read_certificate(Section& section, std::string& cert, std::string& key) {
  section.file("cert", cert);
  if (section.file("key", key)) warn_if_world_readable(section, "key", key);
  if (section.has("cert") && !section.has("key")) {
    section.error("cert", "needs its private key, 'key'");
  }
  if (section.has("key") && !section.has("cert")) {
    section.error("key", "needs its certificate, 'cert'");
  }
}

MasterTls read_master_tls(Section& section) {
  MasterTls tls;
  section.choice("mode", tls.mode, master_tls_modes);
  if (section.file("ca", tls.ca) && tls.mode < MasterTlsMode::verify_ca) {
    section.warning("ca", "is not used: this mode does not check the master's certificate");
  }
  read_certificate(section, tls.cert, tls.key);
  read_min_version(section, tls.min_version);
  return tls;
}

ReplicaTls read_replica_tls(Section& section) {
  ReplicaTls tls;
  section.choice("mode", tls.mode, replica_tls_modes);
  read_certificate(section, tls.cert, tls.key);
  if (tls.mode != ReplicaTlsMode::disabled && !section.has("cert") && !section.has("key")) {
    section.missing("cert",
                    "the certificate that replicas see, with its 'key' (to go without TLS, "
                    "say mode = \"disabled\")");
  }
  if (tls.mode == ReplicaTlsMode::disabled && section.has("cert")) {
    section.warning("cert", "is not used: mode = \"disabled\" goes without TLS");
  }
  section.file("client_ca", tls.client_ca);
  if (section.has("client_ca") && tls.mode != ReplicaTlsMode::required) {
    section.error("client_ca",
                  "needs mode = \"required\": a login without TLS shows no certificate");
  }
  read_min_version(section, tls.min_version);
  return tls;
}

}  // namespace sluice::proxy
