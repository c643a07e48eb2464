// What is said about each mistake in a configuration file.
#include <doctest/doctest.h>

#include <cstdlib>

#include <algorithm>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/config/config.hpp"
#include "proxy/config/config_document.hpp"
#include "unit/heap.hpp"
#include "unit/proxy/temp_folder.hpp"

namespace sluice::proxy {
namespace {

using Lines = std::vector<std::string>;

constexpr std::string_view good =
    "[[relay]]\n"                    // line 1
    "name = 'a'\n"                   // 2
    "listen = ['127.0.0.1:3306']\n"  // 3
    "[relay.master]\n"               // 4
    "host = 'db'\n"                  // 5
    "user = 'u'\n"                   // 6
    "password = 'p'\n"               // 7
    "[relay.replica.tls]\n"          // 8
    "cert = 'cert.pem'\n"            // 9
    "key = 'key.pem'\n"              // 10
    "[[relay.replica.user]]\n"       // 11
    "name = 'r'\n"                   // 12
    "password = 'p'\n";              // 13

std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += "\n" + line;
  return out;
}

struct Outcome {
  Lines errors;
  Lines warnings;
};

/// The problems of a file, as `LINE:COLUMN: KEY: TEXT`.
Outcome problems(const test::TempFolder& folder, const std::string& text) {
  const auto lines = [&folder](const std::vector<ConfigProblem>& all) {
    Lines out;
    for (const ConfigProblem& problem : all) {
      std::string line = folder.neutral(problem.to_string());
      REQUIRE(line.starts_with("DIR/sluice.toml:"));
      out.push_back(line.substr(std::string_view("DIR/sluice.toml:").size()));
    }
    return out;
  };
  const auto result = parse_config(text, folder.file("sluice.toml"));
  if (const auto* errors = std::get_if<ConfigErrors>(&result)) return {lines(*errors), {}};
  return {{}, lines(std::get<Config>(result).warnings)};
}

std::string changed(std::string_view what, std::string_view by) {
  std::string text(good);
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

struct Change {
  std::string_view what;
  std::string_view by;
  Lines expected;
};

class Folder : public test::TempFolder {
 public:
  Folder() {
    write("cert.pem", "certificate");
    write("key.pem", "key");
    write("empty", "\n");
    write("secret", "s3cret\n");
    write("lines", "s3cret\nand more\n");
    write("long", std::string(2000, 'x'));
    write("marked", "\xEF\xBB\xBFs3cret\n");
    write("hash", "$A$005$KYVHcSGpNP40Tkd4vT4VVYDtABUal68aAirs13w.uycuqnhLdfGLxidbpI8AqR5\n");
    write("printed", "password_hash = \"*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19\"\n");
  }
};

void check_errors(const std::vector<Change>& changes) {
  const Folder folder;
  for (const auto& [what, by, expected] : changes) {
    CAPTURE(by);
    const Outcome outcome = problems(folder, changed(what, by));
    CHECK(joined(outcome.errors) == joined(expected));
  }
}

void check_warnings(const std::vector<Change>& changes) {
  const Folder folder;
  for (const auto& [what, by, expected] : changes) {
    CAPTURE(by);
    const Outcome outcome = problems(folder, changed(what, by));
    CHECK(joined(outcome.errors) == "");
    CHECK(joined(outcome.warnings) == joined(expected));
  }
}

TEST_CASE("a good configuration has no problems") {
  check_warnings({{"", "", {}}});
}

TEST_CASE("unknown keys") {
  check_errors({
      {"host =",
       "hots =",
       {"4:1: relay.master.host: is missing: the master's name or address",
        "5:1: relay.master.hots: unknown key; did you mean 'host'?"}},
      {"[relay.master]",
       "[logging]\nlevel = 'info'\n[relay.master]",
       {"4:2: logging: unknown key; the keys here are admin, log, relay, runtime, "
        "shutdown"}},
      {"[relay.master]",
       "[admim]\nlisten = '127.0.0.1:1'\n[relay.master]",
       {"4:2: admim: unknown key; did you mean 'admin'?"}},
      {"name = 'a'",
       "name = 'a'\nlissten = []",
       {"3:1: relay.lissten: unknown key; did you mean 'listen'?"}},
      {"[relay.replica.tls]",
       "[relay.replica.tls]\nverify = true",
       {"9:1: relay.replica.tls.verify: unknown key; the keys here are cert, client_ca, key, "
        "min_version, mode"}},
      {"[[relay]]",
       "[admin]\nlisten = '0.0.0.0:9104'\n[[relay]]",
       {"1:1: admin.token_file: is missing: a file with the token that clients send "
        "(Authorization: "
        "Bearer); only a loopback address goes without",
        "1:1: admin.tls.cert: is missing: the certificate that browsers and Prometheus see, with "
        "its "
        "'key'; only a loopback address goes without"}},
  });
}

TEST_CASE("missing keys and sections") {
  check_errors({
      {"name = 'a'\n", "", {"1:1: relay.name: is missing: what the log calls this relay"}},
      {"password = 'p'\n",
       "",
       {"4:1: relay.master.password: is missing: one of password, password_file, password_env"}},
      {"[relay.master]\nhost = 'db'\nuser = 'u'\npassword = 'p'\n",
       "",
       {"1:1: relay.master.host: is missing: the master's name or address",
        "1:1: relay.master.user: is missing: the account on the master, with REPLICATION SLAVE",
        "1:1: relay.master.password: is missing: one of password, password_file, password_env"}},
      {"[[relay.replica.user]]\nname = 'r'\npassword = 'p'\n",
       "",
       {"8:1: relay.replica.user: is missing: at least one [[relay.replica.user]] that replicas "
        "log in as"}},
      {"listen = ['127.0.0.1:3306']", "listen = []", {"3:10: relay.listen: names no address"}},
  });
}

TEST_CASE("wrong types") {
  check_errors({
      {"host = 'db'",
       "host = 5",
       {"5:8: relay.master.host: must be a text in quotes, not a whole number"}},
      {"user = 'u'",
       "user = 'u'\nport = '3306'",
       {"7:8: relay.master.port: must be a whole number, not a text"}},
      {"user = 'u'",
       "user = 'u'\nconnect_timeout = 1.5",
       {"7:19: relay.master.connect_timeout: must be a duration such as \"10s\", or whole seconds, "
        "not a number with a fraction"}},
      {"listen = ['127.0.0.1:3306']",
       "listen = '127.0.0.1:3306'",
       {"3:10: relay.listen: must be a list of texts, [\"...\", \"...\"], not a text"}},
      {"['127.0.0.1:3306']",
       "['127.0.0.1:3306', true]",
       {"3:29: relay.listen: must be a list of texts; this is true or false"}},
      {"[[relay.replica.user]]",
       "[relay.replica.user]",
       {"11:1: relay.replica.user: must be written [[relay.replica.user]], in double brackets: "
        "there may be several"}},
      {"[relay.master]",
       "[[relay.master]]",
       {"4:1: relay.master: must be a section, [relay.master], not a list"}},
  });
}

TEST_CASE("values that are not allowed") {
  check_errors({
      {"cert =",
       "mode = 'requird'\ncert =",
       {"9:8: relay.replica.tls.mode: 'requird' is not one of required, optional, disabled"}},
      {"password = 'p'\n",
       "password = 'p'\n[relay.master.tls]\nmode = 'verfy-ca'\n",
       {"9:8: relay.master.tls.mode: 'verfy-ca' is not one of verify-identity, verify-ca, "
        "required, "
        "disabled"}},
      {"user = 'u'", "user = ''", {"6:8: relay.master.user: must not be empty"}},
      {"name = 'r'", "name = ''", {"12:8: relay.replica.user.name: must not be empty"}},
      {"name = 'r'",
       "name = 5",
       {"12:8: relay.replica.user.name: must be a text in quotes, not a whole number"}},
      {"user = 'u'",
       "user = 'u'\nport = 65536",
       {"7:8: relay.master.port: 65536 is not between 1 and 65535"}},
      {"host = 'db'",
       "host = '[::1]'",
       {"5:8: relay.master.host: '[::1]' stands in brackets: say this address without them"}},
      {"host = 'db'",
       "host = 'db:3307'",
       {"5:8: relay.master.host: 'db:3307' is not a host name or address (the port has a key of "
        "its "
        "own, 'port')"}},
      {"user = 'u'",
       "user = 'u'\nconnect_timeout = '10x'",
       {"7:19: relay.master.connect_timeout: '10x' is not a duration such as '500ms', '10s', '5m' "
        "or "
        "'2h'"}},
      {"user = 'u'",
       "user = 'u'\nconnect_timeout = 99999999999999",
       {"7:19: relay.master.connect_timeout: is not between 100ms and 1h"}},
      {"'127.0.0.1:3306'",
       "'localhost:3306'",
       {"3:11: relay.listen: 'localhost:3306' is not an address and a port such as '0.0.0.0:3306' "
        "or "
        "'[::]:3306': 'localhost' is not a numeric address"}},
      {"name = 'a'",
       "name = 'a b'",
       {"2:8: relay.name: 'a b' is not 1 to 64 letters, digits, '.', '_' or '-'"}},
      {"[relay.replica.tls]",
       "[relay.replica]\nallow = []\n[relay.replica.tls]",
       {"9:9: relay.replica.allow: names no network; to let all addresses connect, leave the key "
        "out"}},
      {"[relay.replica.tls]",
       "[relay.replica]\nproxy_protocol = []\n[relay.replica.tls]",
       {"9:18: relay.replica.proxy_protocol: names no network; where there is no load balancer, "
        "leave the key out"}},
      {"[relay.replica.tls]",
       "[relay.replica]\nproxy_protocol = ['10.0.0.0/8', '0.0.0.0/0']\n[relay.replica.tls]",
       {"9:18: relay.replica.proxy_protocol: names all addresses: whoever connects could say that "
        "he "
        "is somebody else; name the load balancers"}},
      {"cert = 'cert.pem'\nkey = 'key.pem'\n[[relay.replica.user]]\nname = 'r'\npassword = 'p'",
       "mode = 'disabled'\n[[relay.replica.user]]\nname = 'r'\npassword_hash = "
       "'$A$005$KYVHcSGpNP40Tkd4vT4VVYDtABUal68aAirs13w.uycuqnhLdfGLxidbpI8AqR5'",
       {"10:1: relay.replica.user: 'r' has a password_hash for caching_sha2_password, which needs "
        "TLS for the first login: switch that on, or take the hash of sluice passwd --native"}},
      {"[[relay]]",
       "[log]\nlevel = 'loud'\n[[relay]]",
       {"2:9: log.level: 'loud' is not one of trace, debug, info, warn, error"}},
      {"[[relay]]",
       "[relay.keepalive]\n[[relay]]",
       {"2:1: Error while parsing table header: cannot redefine existing table 'relay' as "
        "array-of-tables"}},
      {"[relay.master]",
       "[relay.keepalive]\nidle = '1500ms'\ncount = 0\n[relay.master]",
       {"5:8: relay.keepalive.idle: must be whole seconds",
        "6:9: relay.keepalive.count: 0 is not between 1 and 127"}},
      {"user = 'u'",
       "user = 'u'\ncompression = ['zstd', 'gzip', 'zstd']\nzstd_level = 0\nzlib_level = 1",
       {"7:24: relay.master.compression: 'gzip' is not one of zstd, zlib",
        "7:32: relay.master.compression: 'zstd' is there twice",
        "8:14: relay.master.zstd_level: 0 is not between 1 and 22",
        "9:1: relay.master.zlib_level: unknown key; did you mean 'zstd_level'?"}},
      {"[relay.replica.tls]",
       "[relay.replica]\ncompression = 'zlib'\nzlib_level = 10\n[relay.replica.tls]",
       {"9:15: relay.replica.compression: must be a list of texts, [\"...\", \"...\"], not a text",
        "10:14: relay.replica.zlib_level: 10 is not between 1 and 9"}},
  });
}

TEST_CASE("what occurs twice") {
  const Folder folder;
  std::string two(good);
  two += good;
  CHECK(problems(folder, two).errors ==
        Lines{"15:8: relay.name: 'a' is taken already, in line 2",
              "16:11: relay.listen: '127.0.0.1:3306' is taken already, in line 3"});
  check_errors({
      {"['127.0.0.1:3306']",
       "['127.0.0.1:3306', '0.0.0.0:3306']",
       {"3:29: relay.listen: '0.0.0.0:3306' overlaps '127.0.0.1:3306' in line 3"}},
      {"[[relay.replica.user]]",
       "[[relay.replica.user]]\nname = 'r'\npassword = 'x'\n[[relay.replica.user]]",
       {"15:8: relay.replica.user.name: 'r' is taken already, in line 12"}},
  });
}

TEST_CASE("passwords and certificates") {
  REQUIRE(::setenv("SLUICE_TEST_EMPTY", "", 1) == 0);
  REQUIRE(::setenv("SLUICE_TEST_LINES", "one\ntwo\n", 1) == 0);
  check_errors({
      {"password = 'p'\n",
       "password = 'p'\npassword_file = 'secret'\n",
       {"8:1: relay.master.password_file: there is a 'password' already; one of the two must go"}},
      {"password = 'p'\n",
       "password_file = 'missing'\n",
       {"7:17: relay.master.password_file: 'DIR/missing' cannot be read: No such file or "
        "directory"}},
      {"password = 'p'\n",
       "password_file = \"empty\\u0000\"\n",
       {"7:17: relay.master.password_file: must not hold a NUL character"}},
      {"password = 'p'\n",
       "password_file = '.'\n",
       {"7:17: relay.master.password_file: 'DIR/.' cannot be read: Is a directory"}},
      {"password = 'p'\n",
       "password_file = 'empty'\n",
       {"7:17: relay.master.password_file: 'DIR/empty' is empty"}},
      {"password = 'p'\n",
       "password_file = 'long'\n",
       {"7:17: relay.master.password_file: 'DIR/long' is too long for a password"}},
      {"password = 'p'\n",
       "password_file = 'lines'\n",
       {"7:17: relay.master.password_file: 'DIR/lines' has several lines: a password is one"}},
      {"password = 'p'\n",
       "password_env = 'SLUICE_NO_SUCH_VARIABLE'\n",
       {"7:16: relay.master.password_env: there is no environment variable of this name: set it "
        "for this command, as it is set for the service"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword_hash = 'p'",
       {"13:17: relay.replica.user.password_hash: is neither '*' and 40 hexadecimal digits "
        "(mysql_native_password) nor '$A$...' (caching_sha2_password), as a server's mysql.user "
        "has "
        "it"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\nplugin = 'caching_sha2_password'\n"
       "password_hash = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
       {"13:10: relay.replica.user.plugin: a login with 'caching_sha2_password' cannot be checked "
        "against this password_hash"}},
      {"password = 'p'\n",
       "password_file = 'marked'\n",
       {"7:17: relay.master.password_file: 'DIR/marked' begins with a byte order mark, which is no "
        "part of a password: save it as UTF-8 without BOM"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
       {"13:12: relay.replica.user.password: is the hash of a password: it belongs in "
        "password_hash = \"...\" of this file"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword_file = 'hash'",
       {"13:17: relay.replica.user.password_file: is the hash of a password: it belongs in "
        "password_hash = \"...\" of this file"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword_file = 'printed'",
       {"13:17: relay.replica.user.password_file: is the hash of a password: it belongs in "
        "password_hash = \"...\" of this file"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword = ''",
       {"13:12: relay.replica.user.password: is empty: such a user could not log in"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\nplugin = 'caching_sha2_password'\npassword_env = 'SLUICE_TEST_EMPTY'",
       {"14:16: relay.replica.user.password_env: is empty: such a user could not log in"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword_env = 'SLUICE_TEST_LINES'",
       {"13:16: relay.replica.user.password_env: what is in it has several lines: a password is "
        "one"}},
      {"cert = 'cert.pem'\n", "", {"9:7: relay.replica.tls.key: needs its certificate, 'cert'"}},
      {"key = 'key.pem'\n", "", {"9:8: relay.replica.tls.cert: needs its private key, 'key'"}},
      {"cert = 'cert.pem'\nkey = 'key.pem'\n",
       "",
       {"8:1: relay.replica.tls.cert: is missing: the certificate that replicas see, with its "
        "'key' "
        "(to go without TLS, say mode = \"disabled\")"}},
      {"cert = 'cert.pem'",
       "cert = '/nowhere/cert.pem'",
       {"9:8: relay.replica.tls.cert: '/nowhere/cert.pem' cannot be read: No such file or "
        "directory"}},
      {"key = 'key.pem'",
       "key = 'key.pem'\nmode = 'optional'\nclient_ca = 'cert.pem'",
       {"12:13: relay.replica.tls.client_ca: needs mode = \"required\": a login without TLS shows "
        "no "
        "certificate"}},
  });
}

TEST_CASE("warnings") {
  REQUIRE(::setenv("SLUICE_TEST_EMPTY", "", 1) == 0);
  check_warnings({
      {"key = 'key.pem'",
       "key = 'key.pem'\nmin_version = '1.0'",
       {"11:15: relay.replica.tls.min_version: TLS older than 1.2 is not secure; only MySQL 5.6, "
        "and 5.7 with yaSSL, need it"}},
      {"password = 'p'\n", "password = ''\n", {"7:12: relay.master.password: is empty"}},
      {"[[relay]]",
       "[admin]\nlisten = '127.0.0.1:9104'\ntap = 'full'\n[[relay]]",
       {"3:7: admin.tap: without token_file everybody on this machine may read statements and "
        "rows"}},
      {"password = 'p'\n",
       "password_env = 'SLUICE_TEST_EMPTY'\n",
       {"7:16: relay.master.password_env: is empty"}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword = '123456789.123456789.123456789.12'",
       {}},
      {"name = 'r'\npassword = 'p'",
       "name = 'r'\npassword = '123456789.123456789.123456789.123'",
       {"13:12: relay.replica.user.password: is longer than the 32 characters that replicas of "
        "MySQL take (MariaDB: 96)"}},
      {"password = 'p'\n",
       "password = 'p'\n[relay.master.tls]\nmode = 'required'\nca = 'cert.pem'\n",
       {"10:6: relay.master.tls.ca: is not used: this mode does not check the master's "
        "certificate"}},
      {"key = 'key.pem'",
       "key = 'key.pem'\nmode = 'disabled'",
       {"9:8: relay.replica.tls.cert: is not used: mode = \"disabled\" goes without TLS"}},
      {"password = 'p'\n",
       "password = 'p'\n[relay.filter]\nignore = ['app.%']\nonly = ['app.%']\n",
       {"9:10: relay.filter.ignore: counts only for statements over several tables: "
        "where there is an 'only', that decides"}},
      {"password = 'p'\n",
       "password = 'p'\n[relay.filter]\nignore = ['app.%']\nonly = []\n",
       {"10:8: relay.filter.only: names no table, so all tables pass: leave it out if that is "
        "meant"}},
      {"password = 'p'\n", "password = 'p'\n[relay.filter]\nignore = []\n", {}},
      {"password = 'p'\n",
       "password = 'p'\n[relay.filter]\nsystem_schema = 'keep'\nignore = ['tmp.%']\n",
       {"9:17: relay.filter.system_schema: accounts and their password hashes pass"}},
      {"password = 'p'\n",
       "password = 'p'\n[relay.filter]\nsystem_schema = 'keep'\nonly = ['app.%']\n",
       {}},
  });
}

TEST_CASE("files that everybody may read are warned of") {
  const Folder folder;
  for (const std::string_view name : {"secret", "key.pem", "sluice.toml"}) {
    folder.write(name, "p\n");
    std::filesystem::permissions(folder.file(name), std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
  }
  CHECK(
      problems(folder, changed("password = 'p'\n", "password_file = 'secret'\n")).warnings ==
      Lines{"7:17: relay.master.password_file: everybody on this machine may read 'DIR/secret' "
            "(chmod o-r helps)",
            "10:7: relay.replica.tls.key: everybody on this machine may read 'DIR/key.pem' (chmod "
            "o-r helps)",
            "13:12: relay.replica.user.password: everybody on this machine may read this file "
            "(chmod o-r helps, or password_file)"});
  const auto loaded = parse_config(changed("password = 'p'\n", "password_file = 'secret'\n"),
                                   folder.file("sluice.toml"));
  std::vector<std::string> exposed;
  for (const auto& warning : std::get<Config>(loaded).warnings) {
    exposed.push_back(std::filesystem::path(warning.exposed_file).filename());
  }
  CHECK(exposed == std::vector<std::string>{"secret", "key.pem", "sluice.toml"});
}

TEST_CASE("a hash that takes its time is warned of, and refused if it takes more") {
  const auto hash = [](std::string_view thousands) {
    return "name = 'r'\npassword_hash = '$A$" + std::string(thousands) +
           "$KYVHcSGpNP40Tkd4vT4VVYDtABUal68aAirs13w.uycuqnhLdfGLxidbpI8AqR5'";
  };
  const std::string line = "13:17: relay.replica.user.password_hash: takes ";
  const std::string why =
      " rounds, for which whoever guesses passwords keeps other replicas waiting: ";
  const std::string advice = "sluice passwd makes a hash of 5000";
  check_warnings({
      {"name = 'r'\npassword = 'p'", hash("014"), {}},
      {"name = 'r'\npassword = 'p'", hash("015"), {line + "21000" + why + advice}},
      {"name = 'r'\npassword = 'p'", hash("0C8"), {line + "200000" + why + advice}},
  });
  check_errors({
      {"name = 'r'\npassword = 'p'",
       hash("0C9"),
       {line + "201000" + why + "200000 are the most, " + advice}},
      {"name = 'r'\npassword = 'p'",
       hash("FFF"),
       {line + "4095000" + why + "200000 are the most, " + advice}},
  });
}

#ifdef SLUICE_TESTS_HAVE_OWN_HEAP

TEST_CASE("where there is no memory for a problem it is not taken for none") {
  const Folder folder;
  const toml::parse_result document =
      toml::parse(changed("host = 'db'", "host = 'db'\na_key_that_nobody_knows = 1"));
  REQUIRE(document);
  for (const std::size_t blocks : {std::size_t{1}, SIZE_MAX}) {
    bool lost = true;
    for (std::size_t before = 0; lost; ++before) {
      ConfigReading reading(folder.file("sluice.toml"));
      bool thrown = false;
      test::lose_blocks(blocks, before);
      try {
        (void)read_document(document.table(), reading);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      lost = test::stop_losing_blocks();
      CAPTURE(before);
      CHECK((thrown || !reading.errors().empty()));
    }
  }
}

#endif

TEST_CASE("no problem tells a password") {
  const Folder folder;
  for (const std::string_view by :
       {"password = 'hunter2'\npassword_file = 'secret'\n", "password = ['hunter2']\n",
        "password = { hunter2 = 1 }\n", "password_hash = 'hunter2'\n"}) {
    for (const std::string& line : problems(folder, changed("password = 'p'\n", by)).errors) {
      CHECK(line.find("hunter2") == std::string::npos);
    }
  }
  // Without quotes it is no TOML, or a number.
  for (const std::string_view by :
       {"password = 90071992547409931234\n", "password = 2024-hunter2\n", "password = hunter2\n",
        "password_env = 'hunter2'\n"}) {
    const auto errors = problems(folder, changed("password = 'p'\n", by)).errors;
    CHECK_FALSE(errors.empty());
    for (const std::string& line : errors) {
      CAPTURE(line);
      CHECK(line.find("hunter2") == std::string::npos);
      CHECK(line.find("900719925") == std::string::npos);
    }
  }
}

TEST_CASE("a file that is not TOML, or not there") {
  const Folder folder;
  const auto text_of = [&](const std::variant<Config, ConfigErrors>& result) {
    const auto* errors = std::get_if<ConfigErrors>(&result);
    REQUIRE(errors != nullptr);
    REQUIRE(errors->size() == 1);
    return folder.neutral(errors->front().to_string());
  };
  CHECK(text_of(parse_config("[[relay]\n", folder.file("sluice.toml")))
            .starts_with("DIR/sluice.toml:1:"));
  CHECK(text_of(parse_config("", folder.file("sluice.toml"))) ==
        "DIR/sluice.toml: relay: is missing: at least one [[relay]]");
  const std::string unclosed = ":1:11: the quote at the end of a text is missing in this line";
  for (const char* text :
       {"user = \"ab\nx = 1\n", "user = \"ab\r\nx = 1\n", "user = 'ab\nx = 1\n"}) {
    CAPTURE(text);
    CHECK(text_of(parse_config(text, folder.file("sluice.toml"))) == "DIR/sluice.toml" + unclosed);
  }
  CHECK(text_of(parse_config("a = 1\n\nlist = [\"a\", \"b]\n", folder.file("sluice.toml"))) ==
        "DIR/sluice.toml:3:17: the quote at the end of a text is missing in this line");
  for (const char* text : {"user = \"a\x01"
                           "b\"\n",
                           "user = 'a\x7F"
                           "b'\n"}) {
    CHECK(
        text_of(parse_config(text, folder.file("sluice.toml"))).ends_with("explicitly prohibited"));
  }
  CHECK(text_of(load_config(folder.file("no.toml"))) ==
        "DIR/no.toml: cannot be read: No such file or directory");
  CHECK(text_of(load_config(folder.path())) == "DIR: cannot be read: Is a directory");
}

}  // namespace
}  // namespace sluice::proxy
