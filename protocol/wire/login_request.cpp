#include "protocol/wire/login_request.hpp"

namespace sluice::wire {

namespace {

constexpr std::size_t ssl_request_size = 32;
constexpr std::size_t filler_size = 19;  // of 23; MariaDB's extended capabilities are the rest

/// The extended capabilities are there when neither side is a MySQL.
bool has_extended(Capabilities client, Capabilities offered) {
  return !client.has(Capability::long_password) && !offered.has(Capability::long_password);
}

void write_head(Capabilities capabilities, std::uint32_t max_packet, std::uint8_t charset,
                Writer& writer) {
  const bool extended = !capabilities.has(Capability::long_password);
  writer.u32(capabilities.bits()).u32(max_packet).u8(charset).zeros(filler_size);
  writer.u32(extended ? capabilities.bits() >> 32 : 0);
}

std::string_view read_auth_response(Cursor& in, Capabilities common) {
  if (common.has(Capability::plugin_auth_lenenc)) return in.lenenc_text();
  if (common.has(Capability::secure_connection)) return in.text(in.u8());
  return in.text_until_nul();
}

bool read_attributes(Cursor& in, Attributes& attributes) {
  Cursor list(in.take(in.lenenc()));
  while (list.remaining() > 0) {
    const auto name = list.lenenc_text();
    const auto value = list.lenenc_text();
    if (!list.ok()) return false;
    if (attributes.size() < max_attributes) attributes.emplace_back(name, value);
  }
  return in.ok();
}

void write_attributes(const Attributes& attributes, Writer& writer) {
  Buffer list;
  Writer items(list);
  for (const auto& [name, value] : attributes) items.lenenc_text(name).lenenc_text(value);
  writer.lenenc(list.size()).bytes(list);
}

}  // namespace

std::string_view find_attribute(const Attributes& attributes, std::string_view name) {
  for (const auto& attribute : attributes) {
    if (attribute.first == name) return attribute.second;
  }
  return {};
}

std::optional<SslRequest> parse_ssl_request(Bytes payload) {
  if (payload.size() != ssl_request_size) return std::nullopt;
  Cursor in(payload);
  SslRequest request;
  request.capabilities = Capabilities(in.u32());
  request.max_packet = in.u32();
  request.charset = in.u8();
  if (!request.capabilities.has(Capability::ssl)) return std::nullopt;
  return request;
}

void serialize(const SslRequest& request, Buffer& out) {
  Writer writer(out);
  write_head(request.capabilities, request.max_packet, request.charset, writer);
}

std::optional<LoginRequest> parse_login_request(Bytes payload, Capabilities offered) {
  Cursor in(payload);
  LoginRequest request;
  std::uint64_t bits = in.u32();
  request.max_packet = in.u32();
  request.charset = in.u8();
  in.skip(filler_size);
  const std::uint64_t extended = in.u32();
  if (has_extended(Capabilities(bits), offered)) bits |= extended << 32;
  request.capabilities = Capabilities(bits);

  const Capabilities common = request.capabilities & offered;
  if (!common.has(Capability::protocol_41)) return std::nullopt;
  request.user = in.text_until_nul();
  request.auth_response = read_auth_response(in, common);
  if (common.has(Capability::connect_with_db)) request.database = in.text_until_nul();
  if (common.has(Capability::plugin_auth)) request.auth_plugin = in.text_until_nul();
  if (common.has(Capability::connect_attrs) && !read_attributes(in, request.attributes)) {
    return std::nullopt;
  }
  if (common.has(Capability::zstd)) request.zstd_level = in.u8();
  if (!in.ok()) return std::nullopt;
  return request;
}

void serialize(const LoginRequest& request, Buffer& out) {
  const Capabilities set = request.capabilities;
  Writer writer(out);
  write_head(set, request.max_packet, request.charset, writer);
  writer.text_nul(request.user);
  if (set.has(Capability::plugin_auth_lenenc)) {
    writer.lenenc_text(request.auth_response);
  } else if (set.has(Capability::secure_connection)) {
    writer.u8(request.auth_response.size()).text(request.auth_response);
  } else {
    writer.text_nul(request.auth_response);
  }
  if (set.has(Capability::connect_with_db)) writer.text_nul(request.database);
  if (set.has(Capability::plugin_auth)) writer.text_nul(request.auth_plugin);
  if (set.has(Capability::connect_attrs)) write_attributes(request.attributes, writer);
  if (set.has(Capability::zstd)) writer.u8(request.zstd_level);
}

}  // namespace sluice::wire
