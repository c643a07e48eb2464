// Where an admin interface is found.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::proxy::tap {

struct AdminUrl {
  bool tls = false;
  std::string host;  ///< without brackets
  std::uint16_t port = 9104;

  /// As the Host header has it.
  [[nodiscard]] std::string authority() const;
  /// What is sent there does not leave this machine.
  [[nodiscard]] bool is_loopback() const;
};

/// `http://HOST[:PORT]` or `https://...`; without the scheme it is https, unless the host is this
/// machine. The error is a sentence.
[[nodiscard]] boost::system::result<AdminUrl, std::string> parse_admin_url(std::string_view text);

}  // namespace sluice::proxy::tap
