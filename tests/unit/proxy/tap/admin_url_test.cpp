#include "proxy/tap/admin_url.hpp"

#include <doctest/doctest.h>

using sluice::proxy::tap::parse_admin_url;

namespace {

/// "https HOST:PORT", or "wrong".
std::string read(std::string_view text) {
  const auto url = parse_admin_url(text);
  return url ? (url->tls ? "https " : "http ") + url->authority() : "wrong";
}

}  // namespace

TEST_CASE("an admin interface's URL: without a scheme nothing leaves the machine in the clear") {
  CHECK(read("http://10.0.0.5") == "http 10.0.0.5:9104");
  CHECK(read("https://sluice.example.com:443/") == "https sluice.example.com:443");
  CHECK(read("sluice.example.com") == "https sluice.example.com:9104");
  CHECK(read("10.0.0.5:1") == "https 10.0.0.5:1");
  CHECK(read("[2001:db8::1]:1") == "https [2001:db8::1]:1");
  CHECK(read("127.example.com") == "https 127.example.com:9104");
  CHECK(read("localhost:1") == "http localhost:1");
  CHECK(read("127.0.0.1") == "http 127.0.0.1:9104");
  CHECK(read("[::1]") == "http [::1]:9104");
  CHECK(read("https://127.0.0.1") == "https 127.0.0.1:9104");
  for (const char* wrong : {"", "ftp://x", "http://", "http://x/y", "x:", "x:0", "x:y", "x:1y",
                            "x:65536", "x/y", "x?y", "[::1", "[::1]x", ":1", "u@x"}) {
    CAPTURE(wrong);
    CHECK(read(wrong) == "wrong");
  }
}
