#include "proxy/link/source.hpp"
#include "unit/proxy/check/check_support.hpp"

using namespace sluice::test;
using namespace sluice::proxy::link;

namespace {

constexpr const char* uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

Source source(std::string_view version, bool by_gtid = false) {
  Source made;
  made.config = "sluice.toml";
  made.address = {"sluice.example.com", 3306};
  made.user = "re'plica";
  made.authority = "PEM\n";
  made.ca_path = "/etc/mysql/sluice-ca.pem";
  made.replica = server(version);
  made.by_gtid = by_gtid;
  made.coordinates.origin = "a test";
  made.coordinates.file = "binlog.000007";
  made.coordinates.position = 4711;
  made.coordinates.gtids = made.replica.is_mariadb() ? "0-1-7" : std::string(uuid) + ":1-5";
  return made;
}

std::string with_comments(const Source& from, Cloud cloud) {
  const auto script = make_script(from, rules_of(cloud));
  return script ? script->text(true) : script.error();
}

/// Without comments.
std::string text(const Source& from, Cloud cloud) {
  const auto script = make_script(from, rules_of(cloud));
  return script ? script->text(false) : script.error();
}

}  // namespace

TEST_CASE("link: MySQL's words by version") {
  const std::string fresh = text(source("8.4.3"), Cloud::mysql);
  CHECK(fresh ==
        "STOP REPLICA;\n"
        "CHANGE REPLICATION SOURCE TO\n"
        "  SOURCE_HOST = 'sluice.example.com',\n"
        "  SOURCE_PORT = 3306,\n"
        "  SOURCE_USER = 're''plica',\n"
        "  SOURCE_PASSWORD = '<password of re''plica>',\n"
        "  SOURCE_AUTO_POSITION = 0,\n"
        "  SOURCE_LOG_FILE = 'binlog.000007',\n"
        "  SOURCE_LOG_POS = 4711,\n"
        "  SOURCE_CONNECT_RETRY = 5,\n"
        "  SOURCE_RETRY_COUNT = 86400,\n"
        "  SOURCE_SSL = 1,\n"
        "  SOURCE_SSL_CA = '/etc/mysql/sluice-ca.pem',\n"
        "  SOURCE_SSL_VERIFY_SERVER_CERT = 1;\n"
        "START REPLICA;\n"
        "SHOW REPLICA STATUS;\n");
  const std::string old = text(source("5.6.24"), Cloud::mysql);
  CHECK(old.starts_with("STOP SLAVE;\nCHANGE MASTER TO\n  MASTER_HOST"));
  CHECK(contains(old, "MASTER_CONNECT_RETRY = 5,\n  MASTER_RETRY_COUNT = 86400"));
  CHECK(contains(old, "START SLAVE;\nSHOW SLAVE STATUS;"));
  CHECK_FALSE(contains(old, "SOURCE"));
  CHECK(text(source("8.0.21"), Cloud::mysql).starts_with("STOP SLAVE;\nCHANGE MASTER TO"));
  CHECK(text(source("8.0.22"), Cloud::mysql).starts_with("STOP REPLICA;\nCHANGE MASTER TO"));
  CHECK(contains(text(source("8.0.23"), Cloud::mysql), "CHANGE REPLICATION SOURCE TO"));
}

TEST_CASE("link: MySQL by GTID, which is told what it has unless the dump has done so") {
  CHECK(contains(text(source("8.4.3", true), Cloud::mysql),
                 "STOP REPLICA;\nRESET BINARY LOGS AND GTIDS;\nSET GLOBAL gtid_purged = "));
  CHECK(contains(text(source("8.0.36", true), Cloud::mysql), "RESET MASTER;\nSET GLOBAL"));
  Source restored = source("8.4.3", true);
  restored.coordinates.restored = true;
  CHECK_FALSE(contains(text(restored, Cloud::mysql), "gtid_purged"));
  CHECK(contains(text(restored, Cloud::mysql), "SOURCE_AUTO_POSITION = 1,\n  SOURCE_CONNECT"));
}

TEST_CASE("link: MariaDB's words") {
  const std::string by_file = text(source("10.11.6-MariaDB"), Cloud::mariadb);
  CHECK(contains(by_file,
                 "MASTER_LOG_POS = 4711,\n  MASTER_CONNECT_RETRY = 5,\n  MASTER_USE_GTID = no,\n"
                 "  MASTER_SSL = 1"));
  const std::string by_gtid = text(source("10.11.6-MariaDB", true), Cloud::mariadb);
  CHECK(
      by_gtid.starts_with("STOP SLAVE;\nEXECUTE IMMEDIATE IF(@@log_bin, 'RESET MASTER', 'DO 0');\n"
                          "SET GLOBAL gtid_slave_pos = '0-1-7';\nCHANGE MASTER TO"));
  CHECK(text(source("10.1.48-MariaDB", true), Cloud::mariadb)
            .starts_with("STOP SLAVE;\nRESET MASTER;\nSET "));
  CHECK(contains(by_gtid, "MASTER_USE_GTID = slave_pos"));
  CHECK_FALSE(contains(by_gtid, "LOG_FILE"));
}

TEST_CASE("link: a MariaDB that follows a MySQL, whose version is all that is known") {
  const std::string printed = with_comments(source("9.7.4"), Cloud::mariadb);
  CHECK(printed.starts_with("-- MariaDB as a replica of Sluice"));
  CHECK(contains(printed, "Slave_IO_Running"));
  CHECK(printed.ends_with("\nSHOW SLAVE STATUS;\n"));
  CHECK(contains(printed, "  mysqldump --single-transaction --source-data=2"));
}

TEST_CASE("link: how the dump is made, by version") {
  const auto dump = [](std::string_view version, Cloud cloud, bool by_gtid) {
    return with_comments(source(version, by_gtid), cloud);
  };
  CHECK(contains(dump("8.0.17", Cloud::azure, true),
                 "--master-data=2 --set-gtid-purged=COMMENTED --routines"));
  const std::string old = dump("8.0.16", Cloud::azure, true);
  CHECK(contains(old, "--set-gtid-purged=ON "));
  CHECK(contains(old,
                 "restored on the replica, without its statement that sets GTID_PURGED. Nothing "
                 "may write"));
  const std::string filter = "--databases APP | sed '/^SET @@SESSION.SQL_LOG_BIN/s/^/-- /' > dump";
  CHECK(contains(old, filter));
  CHECK(contains(dump("9.7.4", Cloud::azure, true), filter));
  for (const auto& plain : {dump("9.7.4", Cloud::azure, false), dump("9.7.4", Cloud::mysql, true),
                            dump("10.11.6-MariaDB", Cloud::rds, true)}) {
    CHECK_FALSE(contains(plain, "| sed "));
  }
  for (const std::string& plain :
       {dump("8.0.17", Cloud::azure, true), dump("5.7.22", Cloud::azure, false),
        dump("5.7.22", Cloud::mysql, true)}) {
    CHECK(contains(plain, "restored on the replica, where nothing may write"));
  }
  CHECK(contains(dump("5.7.22", Cloud::azure, false), "--set-gtid-purged=OFF "));
  CHECK(contains(dump("5.7.22", Cloud::mysql, true), "--set-gtid-purged=ON "));
  CHECK(contains(dump("10.4.6-MariaDB", Cloud::mariadb, true), "  mariadb-dump --single-"));
  CHECK(contains(dump("10.4.5-MariaDB", Cloud::mariadb, true), "  mysqldump --single-"));
}

TEST_CASE("link: what the master may not have any more") {
  Source from = source("8.4.3");
  CHECK(contains(with_comments(from, Cloud::mysql),
                 "the master still has what comes behind: it was not asked."));
  from.master = server("8.4.3");
  CHECK(contains(with_comments(from, Cloud::mysql), "the relay's account may not see it"));
  from.coordinates.kept = true;
  CHECK_FALSE(contains(with_comments(from, Cloud::mysql), "not known whether"));
}

TEST_CASE("link: how to learn the address that is to be allowed") {
  CHECK(contains(with_comments(source("8.4.3"), Cloud::azure),
                 "peer= of Sluice's log line \"login refused ... refused_for=address\""));
}

TEST_CASE("link: warnings stand at the top") {
  Source from = source("8.4.3");
  from.warnings = {"one", "other"};
  const std::string printed = with_comments(from, Cloud::mysql);
  const std::size_t at = printed.find("\n-- WARNING: one\n-- WARNING: other\n-- Before:\n");
  CHECK(at == printed.find('\n'));
  CHECK_FALSE(contains(text(from, Cloud::mysql), "WARNING"));
}

TEST_CASE("link: paths in lines for a shell") {
  Source with = source("8.4.3");
  with.config = "my file";
  with.ca_path = "/etc/my ca.pem";
  const std::string printed = with_comments(with, Cloud::mysql);
  CHECK(contains(printed, "sluice check 'my file' --for mysql"));
  CHECK(contains(printed, "sluice link 'my file' --for mysql"));
  CHECK(contains(printed, "cat > '/etc/my ca.pem' <<'END'"));
}

TEST_CASE("link: without TLS") {
  for (const char* version : {"5.7.22", "8.0.15", "9.0.1", "11.8.6-MariaDB"}) {
    Source plain = source(version);
    plain.authority.clear();
    const bool mariadb = plain.replica.is_mariadb();
    const std::string printed = text(plain, mariadb ? Cloud::mariadb : Cloud::mysql);
    CAPTURE(printed);
    CHECK(contains(printed, "_SSL = 0"));
    CHECK_FALSE(contains(printed, "SSL_CA"));
    CHECK(contains(printed, "GET_MASTER_PUBLIC_KEY = 1;") ==
          (std::string_view(version) == "8.0.15"));
    CHECK(contains(printed, "GET_SOURCE_PUBLIC_KEY = 1;") ==
          (std::string_view(version) == "9.0.1"));
    CHECK(contains(printed, "VERIFY_SERVER_CERT = 0") == mariadb);
  }
  Source plain = source("8.0.36");
  plain.authority.clear();
  CHECK(contains(text(plain, Cloud::azure), "4711, '');"));
  CHECK(contains(text(plain, Cloud::rds), "4711, 0);"));
  CHECK(contains(text(plain, Cloud::cloudsql), "4711, false, false);"));
}

TEST_CASE("link: a password that is given, and one that is not") {
  Source with = source("8.4.3");
  with.password = sluice::auth::Secret("it's \\ secret");
  CHECK(contains(text(with, Cloud::mysql), "SOURCE_PASSWORD = 'it''s \\\\ secret'"));
  CHECK(contains(make_script(with, rules_of(Cloud::mysql))->text(true), "in the clear"));
  // Cloud SQL's representation is a file.
  CHECK_FALSE(contains(make_script(with, rules_of(Cloud::cloudsql))->text(true), "\"it's"));
}

TEST_CASE("link: what cannot be done") {
  CHECK(contains(text(source("10.11.6-MariaDB"), Cloud::azure), "is no replica of MariaDB"));
  CHECK(contains(text(source("10.11.6-MariaDB"), Cloud::mysql), "--for mariadb"));
  CHECK(contains(text(source("8.0.36", true), Cloud::mariadb), "cannot follow the GTIDs"));
  CHECK(contains(text(source("8.0.36", true), Cloud::rds), "by file and position"));
  Source no_gtids = source("8.0.36", true);
  no_gtids.coordinates.gtids.reset();
  CHECK(contains(text(no_gtids, Cloud::mysql), "a test has no GTIDs"));
  CHECK(contains(text(no_gtids, Cloud::mysql), "turn gtid_mode on"));
  Source mariadb = source("10.11.6-MariaDB", true);
  mariadb.coordinates.gtids.reset();
  CHECK(text(mariadb, Cloud::mariadb) == "a test has no GTIDs: link it by file and position");
  Source no_file = source("8.0.36");
  no_file.coordinates.file.clear();
  CHECK(contains(text(no_file, Cloud::mysql), "add --gtid"));
}

TEST_CASE("link: what a service is told beside the statements") {
  const std::string reset =
      "\naz mysql flexible-server gtid reset --resource-group GROUP"
      " --server-name SERVER --gtid-set " +
      std::string(uuid) + ":1-5\n";
  CHECK(contains(with_comments(source("8.0.36", true), Cloud::azure), reset));
  const auto has_steps = [](const Source& from, Cloud cloud) {
    return make_script(from, rules_of(cloud))->has_steps();
  };
  CHECK(has_steps(source("8.0.36", true), Cloud::azure));
  CHECK_FALSE(has_steps(source("8.0.36"), Cloud::azure));
  CHECK(has_steps(source("8.0.36"), Cloud::cloudsql));
  CHECK_FALSE(has_steps(source("8.0.37", true), Cloud::rds));
  CHECK_FALSE(has_steps(source("8.0.36", true), Cloud::mysql));
}

TEST_CASE("link: comments and what is to be copied") {
  Script script;
  script.comment("two\nlines");
  script.copy("as it is");
  script.copy("not */ so");
  script.statement("SELECT 1;");
  script.comment("after");
  CHECK(script.text(true) ==
        "-- two\n-- lines\n/*\nas it is\n*/\n-- not */ so\nSELECT 1;\n\n-- after\n");
  CHECK(script.text(false) == "SELECT 1;\n");
}
