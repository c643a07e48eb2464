#include "proxy/tap/admin_url.hpp"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "proxy/base/list_text.hpp"

namespace sluice::proxy::tap {

std::string AdminUrl::authority() const {
  return host_and_port(host, port);
}

bool AdminUrl::is_loopback() const {
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(host, not_an_address);
  return host == "localhost" || (!not_an_address && address.is_loopback());
}

boost::system::result<AdminUrl, std::string> parse_admin_url(std::string_view text) {
  const std::string whole(text);
  const auto wrong = [&whole](std::string_view why) {
    return "'" + whole +
           "' is no URL of an admin interface (https://HOST:PORT): " + std::string(why);
  };
  AdminUrl url;
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    const auto name = text.substr(0, scheme);
    if (name != "http" && name != "https") return wrong("the scheme is http or https");
    url.tls = name == "https";
    text.remove_prefix(scheme + 3);
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#@ ") != std::string_view::npos) return wrong("it has no path");
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    host_end = text.find(']');
    if (host_end == std::string_view::npos) return wrong("a bracket is missing");
    url.host = text.substr(1, host_end - 1);
    ++host_end;
  } else {
    url.host = text.substr(0, host_end);
  }
  if (url.host.empty()) return wrong("the host is missing");
  if (scheme == std::string_view::npos) url.tls = !url.is_loopback();
  text.remove_prefix(std::min(host_end, text.size()));
  if (text.empty()) return url;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + 1, end, url.port);
  if (text.front() != ':' || error != std::errc{} || rest != end || url.port == 0) {
    return wrong("the port is a number");
  }
  return url;
}

}  // namespace sluice::proxy::tap
