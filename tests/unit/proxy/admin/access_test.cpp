#include "proxy/admin/access.hpp"

#include <doctest/doctest.h>

using namespace sluice;
using namespace sluice::proxy;
using admin::Request;

namespace {

const std::string token = "0123456789abcdef-token";

AdminConfig on_loopback() {
  AdminConfig config;
  config.listen = {"127.0.0.1", 9104};
  return config;
}

AdminConfig on_all() {
  AdminConfig config;
  config.listen = {"0.0.0.0", 9104};
  config.token = auth::Secret(token);
  config.cert = "cert.pem";
  config.key = "cert.key";
  return config;
}

unsigned status(const Request& request, const AdminConfig& config, bool is_open = false) {
  const auto refusal = admin::refuse(request, config, is_open);
  return refusal ? refusal->status : 200;
}

Request asking(std::string host, std::optional<std::string> origin = std::nullopt,
               std::string authorization = "") {
  return {"GET", "/metrics", std::move(host), std::move(origin), std::move(authorization)};
}

}  // namespace

TEST_CASE("without a token only names of this machine are served") {
  for (const char* host : {"localhost", "localhost:9104", "127.0.0.1", "127.0.0.1:9104",
                           "127.1.2.3:80", "[::1]", "[::1]:9104"}) {
    CAPTURE(host);
    CHECK(status(asking(host), on_loopback()) == 200);
  }
  for (const char* host : {"", ":", "[", "[]", "[::1", "evil.example", "localhost.evil.example",
                           "10.0.0.1", "0.0.0.0", "127.0.0.1.evil.example", "LOCALHOST."}) {
    CAPTURE(host);
    CHECK(status(asking(host), on_loopback()) == 403);
    // Who says no host is no browser, and may ask what tells nothing.
    CHECK(status(asking(host), on_loopback(), true) == (*host == '\0' ? 200 : 403));
  }
}

TEST_CASE("pages of other origins are not served") {
  CHECK(status(asking("127.0.0.1:9104", "http://127.0.0.1:9104"), on_loopback()) == 200);
  for (const char* origin : {"null", "", "http://", "http://127.0.0.1", "https://127.0.0.1:9104",
                             "http://127.0.0.1:9104.evil.example", "http://evil.example"}) {
    CAPTURE(origin);
    CHECK(status(asking("127.0.0.1:9104", origin), on_loopback()) == 403);
  }
  const std::string bearer = "Bearer " + token;
  CHECK(status(asking("sluice.example", "https://sluice.example", bearer), on_all()) == 200);
  CHECK(status(asking("sluice.example", "http://sluice.example", bearer), on_all()) == 403);
  // TLS is that of a proxy before it.
  AdminConfig behind_proxy = on_all();
  behind_proxy.cert = behind_proxy.key = "";
  CHECK(status(asking("sluice.example", "https://sluice.example", bearer), behind_proxy) == 200);
  CHECK(status(asking("sluice.example", "http://sluice.example", bearer), behind_proxy) == 200);
  CHECK(status(asking("sluice.example", "https://evil.example", bearer), behind_proxy) == 403);
}

TEST_CASE("the token is asked for, and compared as a whole") {
  CHECK(status(asking("any", std::nullopt, "Bearer " + token), on_all()) == 200);
  CHECK(status(asking("any", std::nullopt, "bearer " + token), on_all()) == 200);
  for (const std::string& wrong :
       std::vector<std::string>{"", token, "Bearer", "Bearer ", "Bearer " + token + " ",
                                "Bearer " + token.substr(1), "Bearer  " + token}) {
    CAPTURE(wrong);
    CHECK(status(asking("any", std::nullopt, wrong), on_all()) == 401);
    CHECK(status(asking("any", std::nullopt, wrong), on_all(), true) == 200);
  }
}
