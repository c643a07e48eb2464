// ClientLogin: what a false master can say to Sluice. Input: options, then the master's payloads.
#include "protocol/auth/client_login.hpp"
#include "fuzz/fuzz.hpp"

using namespace sluice;
using fuzz::expect;
using Want = auth::ClientLogin::Want;

namespace {

constexpr std::string_view password = "correct horse";

bool tells_password(Bytes bytes) {
  return as_text(bytes).find(password) != std::string_view::npos;
}

}  // namespace

FUZZ_TARGET(client_login) {
  fuzz::Choices choices(input);
  auth::ClientLoginOptions options;
  options.user = "relay";
  options.password = auth::Secret(password);
  options.tls = choices.yes();
  options.attributes = {{"program_name", "sluice"}};
  const bool wants_tls = options.tls;
  auth::ClientLogin login(std::move(options));

  bool over_tls = false;
  Want want = Want::read_packet;
  while (want == Want::read_packet && choices.any()) {
    const Buffer payload = fuzz::exact(choices.message());
    Buffer out;
    want = login.receive(payload, out);
    expect(over_tls || !tells_password(out), "the password goes nowhere in the clear");
    if (want == Want::start_tls) {
      expect(wants_tls && out.size() == 4 + 32, "nothing but the SSLRequest goes before TLS");
      over_tls = true;
      out.clear();
      want = login.tls_started(out);
      expect(want == Want::read_packet && !out.empty(), "then the login goes");
    }
    expect(!wants_tls || over_tls || out.empty(), "without TLS there is no login if it is wanted");
    expect(want != Want::done || over_tls == wants_tls, "nor is it ever done");
  }
  expect((want == Want::failed) == (login.error() != auth::ClientLoginError::none),
         "who fails says why");
  if (want == Want::failed) {
    const std::string text = login.describe_error();
    expect(!text.empty(), "in words");
    // What the master itself says may be anything.
    expect(login.error() == auth::ClientLoginError::server_error ||
               login.error() == auth::ClientLoginError::plugin_not_supported ||
               !tells_password(as_bytes(text)),
           "that do not tell the password");
  }
}
