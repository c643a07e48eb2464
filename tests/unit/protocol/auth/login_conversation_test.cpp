#include "unit/protocol/auth/login_support.hpp"

using namespace sluice;
using namespace sluice::auth;
using Server = ServerLogin::Want;
using Client = ClientLogin::Want;

namespace {

constexpr const char* native_of_pw_n = "*FF853E4A086273DE165C756A3A052C103CDFCCE4";
constexpr const char* sha2_of_pw_c =
    "24412430304124406F7B6B103B183336090116717E216A5801656F564E374E6F7836744D744B686A354C4478676651"
    "363734506A792E755572366C644D335642536D6D685139";

Accounts sample_accounts() {
  Accounts accounts;
  accounts.add({"both", "", Verifier::from_password(Secret("pw"))});
  accounts.add(
      {"native", std::string(native_password_plugin), Verifier::from_password(Secret("pw"))});
  accounts.add({"sha2", std::string(caching_sha2_plugin), Verifier::from_password(Secret("pw"))});
  accounts.add({"native-hash", "", *Verifier::from_hash(native_of_pw_n)});
  accounts.add({"sha2-hash", "", *Verifier::from_hash(sha2_of_pw_c)});
  return accounts;
}

struct Case {
  const char* user;
  const char* password;
  const char* said_sha2;    // what the server says when its greeting names caching_sha2_password
  const char* said_native;  // ... mysql_native_password
};

}  // namespace

TEST_CASE("login: each account, either default plugin, with and without TLS") {
  const auto accounts = sample_accounts();
  const Case cases[] = {
      {"both", "pw", "gfo", "go"},          {"native", "pw", "gso", "go"},
      {"sha2", "pw", "gfo", "gsfo"},        {"native-hash", "pw-n", "gso", "go"},
      {"sha2-hash", "pw-c", "gpo", "gspo"}, {"both", "bad", "gpe", "ge"},
      {"native", "bad", "gse", "ge"},       {"sha2", "bad", "gpe", "gspe"},
      {"native-hash", "bad", "gse", "ge"},  {"sha2-hash", "bad", "gpe", "gspe"},
  };
  for (const auto& sample : cases) {
    const auto& user = sample.user;
    const auto& password = sample.password;
    const auto& said_sha2 = sample.said_sha2;
    const auto& said_native = sample.said_native;
    for (const bool sha2_default : {true, false}) {
      for (const bool tls : {true, false}) {
        for (const bool mariadb : {true, false}) {
          CAPTURE(std::string(user));
          CAPTURE(std::string(password));
          CAPTURE(sha2_default);
          CAPTURE(tls);
          auto options = test::server_options(accounts);
          options.mariadb = mariadb;
          options.default_plugin = sha2_default ? caching_sha2_plugin : native_password_plugin;
          ServerLogin server(options);
          ClientLogin client(test::client_options(user, password, tls));
          const auto end = test::converse(server, client);

          std::string said = sha2_default ? said_sha2 : said_native;
          const bool full = said.find('p') != std::string::npos;
          if (full && !tls) said.replace(said.find('p'), 2, "e");  // no full authentication
          CHECK(end.said == said);
          const bool in = said.ends_with('o');
          CHECK(end.client == (in ? Client::done : Client::failed));
          CHECK(end.server == (in ? Server::authenticated : Server::closed));
          CHECK(server.over_tls() == tls);
          CHECK(server.user() == user);
          CHECK(server.plugin() == client.plugin());
          CHECK(client.greeting().is_mariadb() == mariadb);
          CHECK(client.capabilities() == server.capabilities());
          CHECK(server.learned_digest().has_value() == (full && in));
          if (in) continue;
          CHECK(client.error() == ClientLoginError::server_error);
          CHECK(client.server_error().message == "Access denied for user '" + std::string(user) +
                                                     "'@'10.0.0.9' (using password: YES)");
          CHECK_FALSE(server.failure().empty());
        }
      }
    }
  }
}

TEST_CASE("login: after a full authentication the fast path is open, without TLS too") {
  auto accounts = sample_accounts();
  const auto talk = [&](bool tls) {
    ServerLogin server(test::server_options(accounts));
    ClientLogin client(test::client_options("sha2-hash", "pw-c", tls));
    const auto said = test::converse(server, client).said;
    if (server.learned_digest()) accounts.remember(server.user(), *server.learned_digest());
    return said;
  };
  CHECK(talk(false) == "ge");
  CHECK(talk(true) == "gpo");
  CHECK(talk(false) == "gfo");
  CHECK(talk(true) == "gfo");
}

TEST_CASE("login: a user that does not exist hears what one of the others would hear") {
  const auto accounts = sample_accounts();
  for (int i = 0; i < 20; ++i) {
    const std::string name = "user" + std::to_string(i);
    const auto imitated = accounts.find(name);
    for (const auto* password : {"pw", "pw-n", "pw-c"}) {  // right for some, never for this one
      ServerLogin server(test::server_options(accounts));
      ClientLogin client(test::client_options(name, password, true));
      const auto end = test::converse(server, client);
      const bool native = !imitated.verifier.supports(caching_sha2_plugin) ||
                          imitated.plugin == native_password_plugin;
      CHECK(end.said == (native ? "gse" : "gpe"));
      CHECK(client.server_error().code == 1045);
      CHECK(server.failure() == "unknown user");
      CHECK_FALSE(server.learned_digest());
    }
  }
}

TEST_CASE("login: TLS policies") {
  const auto accounts = sample_accounts();
  auto options = test::server_options(accounts);

  options.tls = TlsPolicy::required;
  {
    ServerLogin server(options);
    ClientLogin client(test::client_options("both", "pw", false));
    CHECK(test::converse(server, client).said == "ge");
    CHECK(client.server_error().code == 3159);
    CHECK(client.describe_error().find("TLS") != std::string::npos);
  }
  {
    ServerLogin server(options);
    ClientLogin client(test::client_options("both", "pw", true));
    CHECK(test::converse(server, client).said == "gfo");
  }
  options.tls = TlsPolicy::off;
  {
    ServerLogin server(options);
    ClientLogin client(test::client_options("both", "pw", true));
    CHECK(test::converse(server, client).said == "g");
    CHECK(client.error() == ClientLoginError::server_without_tls);
  }
}

TEST_CASE("login: no password") {
  const auto accounts = sample_accounts();
  for (const auto* user : {"both", "native", "sha2"}) {
    CAPTURE(std::string(user));
    ServerLogin server(test::server_options(accounts));
    ClientLogin client(test::client_options(user, "", true));
    CHECK(test::converse(server, client).client == Client::failed);
    CHECK(client.server_error().message.ends_with("(using password: NO)"));
  }
}
