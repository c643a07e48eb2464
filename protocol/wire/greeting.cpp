#include "protocol/wire/greeting.hpp"

#include <algorithm>

namespace sluice::wire {

namespace {

constexpr std::uint8_t protocol_version = 10;
constexpr std::size_t first_nonce_part = 8;
constexpr std::size_t second_nonce_part = 13;  // at least; with the NUL at its end
constexpr std::uint8_t auth_data_size = nonce_size + 1;

}  // namespace

std::optional<Greeting> parse_greeting(Bytes payload) {
  Cursor in(payload);
  if (in.u8() != protocol_version) return std::nullopt;
  Greeting greeting;
  greeting.server_version = in.text_until_nul();
  greeting.thread_id = in.u32();
  greeting.nonce = in.text(first_nonce_part);
  in.skip(1);
  std::uint64_t bits = in.u16();
  greeting.charset = in.u8();
  greeting.status = in.u16();
  bits |= std::uint64_t{in.u16()} << 16;
  const std::size_t auth_size = in.u8();
  in.skip(6);
  const std::uint64_t extended = in.u32();
  if (!Capabilities(bits).has(Capability::long_password)) bits |= extended << 32;
  greeting.capabilities = Capabilities(bits);

  const std::size_t announced = auth_size > first_nonce_part ? auth_size - first_nonce_part : 0;
  const auto second = in.text(std::max(second_nonce_part, announced));
  greeting.nonce += second.substr(0, nonce_size - first_nonce_part);
  if (greeting.capabilities.has(Capability::plugin_auth)) {
    greeting.auth_plugin = in.text_until_nul();
  }
  if (!in.ok() || greeting.server_version.size() > max_greeting_text ||
      greeting.auth_plugin.size() > max_greeting_text) {
    return std::nullopt;
  }
  return greeting;
}

void serialize(const Greeting& greeting, Buffer& out) {
  const std::string_view nonce = greeting.nonce;
  const std::uint64_t bits = greeting.capabilities.bits();
  const bool mariadb = !greeting.capabilities.has(Capability::long_password);
  const bool plugin_auth = greeting.capabilities.has(Capability::plugin_auth);
  Writer writer(out);
  writer.u8(protocol_version).text_nul(greeting.server_version).u32(greeting.thread_id);
  writer.text(nonce.substr(0, first_nonce_part)).u8(0);
  writer.u16(bits).u8(greeting.charset).u16(greeting.status).u16(bits >> 16);
  writer.u8(plugin_auth ? auth_data_size : 0).zeros(6).u32(mariadb ? bits >> 32 : 0);
  writer.text_nul(nonce.substr(first_nonce_part));
  if (plugin_auth) writer.text_nul(greeting.auth_plugin);
}

}  // namespace sluice::wire
