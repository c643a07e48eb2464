#include "protocol/wire/auth_packets.hpp"

#include "protocol/wire/greeting.hpp"

namespace sluice::wire {

std::optional<AuthSwitchRequest> parse_auth_switch_request(Bytes payload) {
  Cursor in(payload);
  if (in.u8() != auth_switch_header || !in.ok()) return std::nullopt;
  if (in.remaining() == 0) return AuthSwitchRequest{"mysql_old_password", ""};
  AuthSwitchRequest request;
  request.plugin = in.text_until_nul();
  request.data = in.rest_text();
  if (!in.ok() || request.plugin.size() > max_greeting_text) return std::nullopt;
  return request;
}

void serialize(const AuthSwitchRequest& request, Buffer& out) {
  Writer(out).u8(auth_switch_header).text_nul(request.plugin).text(request.data);
}

std::optional<std::string_view> parse_auth_more_data(Bytes payload) {
  Cursor in(payload);
  if (in.u8() != auth_more_data_header || !in.ok()) return std::nullopt;
  return in.rest_text();
}

void serialize_auth_more_data(std::string_view data, Buffer& out) {
  Writer(out).u8(auth_more_data_header).text(data);
}

}  // namespace sluice::wire
