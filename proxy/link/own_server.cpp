// Replicas of one's own: MySQL and MariaDB.
#include "proxy/check/statements.hpp"
#include "proxy/cli/shell_word.hpp"
#include "proxy/link/source.hpp"

namespace sluice::proxy::link {
namespace {

using check::quoted_text;

constexpr std::string_view what_it_has =
    "What the replica has already. The first statement deletes its own binlog, in which restoring "
    "the dump may\nhave left transactions that the master does not have. One that follows this "
    "master by GTID now knows: leave out\nboth.";

/// A statement with a list of options, each in a line of its own.
class Options {
 public:
  /// `prefix`: of the options' names, MASTER_ or SOURCE_.
  Options(std::string verb, std::string prefix)
      : text_(std::move(verb)), prefix_(std::move(prefix)) {}

  void text(std::string_view name, std::string_view value) { add(name, quoted_text(value)); }
  void number(std::string_view name, std::uint64_t value) { add(name, std::to_string(value)); }
  void add(std::string_view name, std::string_view value) {
    text_.append(first_ ? "\n  " : ",\n  ").append(prefix_).append(name).append(" = ");
    text_.append(value);
    first_ = false;
  }
  [[nodiscard]] std::string statement() const { return text_ + ";"; }

 private:
  std::string text_;
  std::string prefix_;
  bool first_ = true;
};

void add_login(const Source& source, Options& options) {
  options.text("HOST", source.address.host);
  options.number("PORT", source.address.port);
  options.text("USER", source.user);
  options.add("PASSWORD", quoted_password(source));
}

/// How often a replica tries to come back, in seconds: by default it waits for 60.
constexpr std::uint64_t connect_retry = 5;
/// How many times it tries before it stops for good: the default of MySQL 8.0 and older, where that
/// of 8.4 and newer is 10.
constexpr std::uint64_t retry_count = 86400;

void add_position(const Source& source, Options& options) {
  options.text("LOG_FILE", source.coordinates.file);
  options.number("LOG_POS", source.coordinates.position);
}

void add_tls(const Source& source, Options& options) {
  options.number("SSL", source.tls() ? 1 : 0);
  if (!source.tls()) return;
  options.text("SSL_CA", source.ca_path);
  if (source.client_certificate) {
    options.text("SSL_CERT", "/etc/mysql/sluice-client.pem");
    options.text("SSL_KEY", "/etc/mysql/sluice-client.key");
  }
  options.number("SSL_VERIFY_SERVER_CERT", 1);
}

void prepare(const Source& source, Script& script) {
  if (!source.tls()) return;
  script.comment("The replica needs this file, readable by the user that its server runs as:");
  script.copy("cat > " + shell_word(source.ca_path) + " <<'END'\n" + source.authority + "END");
  if (source.client_certificate) {
    script.comment(
        "and a client certificate, as client_ca in the configuration demands: its files are named "
        "below.");
  }
}

}  // namespace

void link_mysql(const Source& source, Script& script) {
  const bool renamed = source.replica.is_mysql(8, 0, 23);
  prepare(source, script);
  const Coordinates& from = source.coordinates;
  // One that replicates refuses what follows, at worst when half of it is done. Others only warn.
  script.statement(source.replica.is_mysql(8, 0, 22) ? "STOP REPLICA;" : "STOP SLAVE;");
  if (source.by_gtid && !from.restored && !from.gtids->empty()) {
    script.comment(what_it_has);
    script.statement(source.replica.is_mysql(8, 4) ? "RESET BINARY LOGS AND GTIDS;"
                                                   : "RESET MASTER;");
    script.statement("SET GLOBAL gtid_purged = " + quoted_text(*from.gtids) + ";");
  }
  Options options(renamed ? "CHANGE REPLICATION SOURCE TO" : "CHANGE MASTER TO",
                  renamed ? "SOURCE_" : "MASTER_");
  add_login(source, options);
  options.number("AUTO_POSITION", source.by_gtid ? 1 : 0);
  if (!source.by_gtid) add_position(source, options);
  options.number("CONNECT_RETRY", connect_retry);
  options.number("RETRY_COUNT", retry_count);
  add_tls(source, options);
  std::string statement = options.statement();
  if (!source.tls() && source.replica.is_mysql(8, 0, 4)) {
    // Or caching_sha2_password has no way to send a password.
    statement.replace(
        statement.size() - 1, 1,
        renamed ? ",\n  GET_SOURCE_PUBLIC_KEY = 1;" : ",\n  GET_MASTER_PUBLIC_KEY = 1;");
  }
  script.statement(statement);
  script.statement(renamed ? "START REPLICA;" : "START SLAVE;");
  show_status(source, script);
}

void link_mariadb(const Source& source, Script& script) {
  prepare(source, script);
  script.statement("STOP SLAVE;");  // as for MySQL
  if (source.by_gtid) {
    script.comment(what_it_has);
    // gtid_strict_mode refuses a position behind the binlog's (error 1947). Without a binlog there
    // is nothing to reset (error 1186).
    script.statement(source.replica.version.at_least(10, 2, 3)
                         ? "EXECUTE IMMEDIATE IF(@@log_bin, 'RESET MASTER', 'DO 0');"
                         : "RESET MASTER;");
    script.statement("SET GLOBAL gtid_slave_pos = " + quoted_text(*source.coordinates.gtids) + ";");
  }
  Options options("CHANGE MASTER TO", "MASTER_");
  add_login(source, options);
  if (!source.by_gtid) add_position(source, options);
  // How many times it tries is the server's --master-retry-count, 100000 by default.
  options.number("CONNECT_RETRY", connect_retry);
  options.add("USE_GTID", source.by_gtid ? "slave_pos" : "no");
  add_tls(source, options);
  // From 11.4 on it is on unless told otherwise, and then wants TLS.
  if (!source.tls()) options.number("SSL_VERIFY_SERVER_CERT", 0);
  script.statement(options.statement());
  script.statement("START SLAVE;");
  show_slave_status(script);
}

}  // namespace sluice::proxy::link
