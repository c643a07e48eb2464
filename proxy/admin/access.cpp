#include "proxy/admin/access.hpp"

#include <boost/asio/ip/address.hpp>

#include "protocol/ascii.hpp"

namespace sluice::proxy::admin {
namespace {

/// The host of a Host header or an origin, without its port and brackets.
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == std::string_view::npos ? std::string_view{} : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

bool is_of_this_machine(std::string_view host, const ListenAddress& listen) {
  if (host == "localhost" || host == listen.address) return true;
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(std::string(host), not_an_address);
  return !not_an_address && address.is_loopback();
}

/// An origin is scheme://host[:port] (RFC 6454), or "null".
bool is_own_origin(std::string_view origin, const Request& request, const AdminConfig& config) {
  std::string_view scheme = config.cert.empty() ? "http://" : "https://";
  // A proxy before it may have TLS for it. What keeps others out is the token then, not the scheme.
  if (!config.token.empty() && origin.starts_with("https://")) scheme = "https://";
  return origin.starts_with(scheme) && origin.substr(scheme.size()) == request.host;
}

bool has_token(const Request& request, const AdminConfig& config) {
  constexpr std::string_view scheme = "Bearer ";  // in any case (RFC 9110, 11.1)
  const std::string_view header = request.authorization;
  return equal_ignoring_case(header.substr(0, scheme.size()), scheme) &&
         auth::equal_in_constant_time(header.substr(scheme.size()), config.token.reveal());
}

}  // namespace

bool is_known(const Request& request, const AdminConfig& config) {
  return !config.token.empty() && has_token(request, config);
}

std::optional<Response> refuse(const Request& request, const AdminConfig& config, bool is_open) {
  // A browser always says a host. Health checks of HTTP/1.0, such as HAProxy's, say none.
  const bool may_say_no_host = is_open && request.host.empty();
  if (config.token.empty() && !may_say_no_host &&
      !is_of_this_machine(host_of(request.host), config.listen)) {
    return Response::error(403, "the Host header names another machine");
  }
  if (request.origin && !is_own_origin(*request.origin, request, config)) {
    return Response::error(403, "a page of another origin may not ask");
  }
  if (!is_open && !config.token.empty() && !has_token(request, config)) {
    return Response::error(401, request.authorization.empty()
                                    ? "send the token of admin.token_file: Authorization: Bearer "
                                      "TOKEN"
                                    : "this is not the token of admin.token_file: Authorization: "
                                      "Bearer TOKEN");
  }
  return std::nullopt;
}

}  // namespace sluice::proxy::admin
