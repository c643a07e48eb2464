#include "proxy/tls/tls_traffic.hpp"

#include <openssl/crypto.h>

#include <new>
#include <string_view>
#include <utility>

#include "protocol/hex.hpp"

namespace sluice::proxy {
namespace {

int traffic_slot() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

/// Whether the two have agreed on smaller records than usual (RFC 6066, section 4).
bool wants_small_records(const SSL& ssl) {
  const auto mode = SSL_SESSION_get_max_fragment_length(SSL_get_session(&ssl));
  return mode >= TLSEXT_max_fragment_length_512 && mode <= TLSEXT_max_fragment_length_4096;
}

}  // namespace

void TlsTraffic::watch(SSL_CTX& context) {
  SSL_CTX_set_keylog_callback(&context, &TlsTraffic::on_secret);
}

void TlsTraffic::attach(SSL& ssl, TlsSocket& socket) {
  socket_ = &socket;
  is_server_ = SSL_is_server(&ssl) == 1;
  if (SSL_set_ex_data(&ssl, traffic_slot(), this) != 1) return;
  SSL_set_msg_callback(&ssl, &TlsTraffic::on_message);
  SSL_set_msg_callback_arg(&ssl, this);
}

/// "LABEL CLIENT_RANDOM SECRET", both in hexadecimal digits.
void TlsTraffic::on_secret(const SSL* ssl, const char* line) {
  auto* const traffic = static_cast<TlsTraffic*>(SSL_get_ex_data(ssl, traffic_slot()));
  if (traffic == nullptr) return;
  const std::string_view text(line);
  const std::string_view label = text.substr(0, text.find(' '));
  Way* const way = label == "CLIENT_TRAFFIC_SECRET_0"   ? &traffic->client_
                   : label == "SERVER_TRAFFIC_SECRET_0" ? &traffic->server_
                                                        : nullptr;
  if (way == nullptr) return;
  try {
    auto secret = from_hex(text.substr(text.rfind(' ') + 1));
    if (!secret) return;
    way->secret = tls::TrafficSecret(as_bytes(*secret));
    OPENSSL_cleanse(secret->data(), secret->size());
  } catch (const std::bad_alloc&) {
    // Not through OpenSSL's own functions. Without the secret the stream stays with OpenSSL.
  }
}

/// Each record is announced by its header, each message of the handshake when it is whole. Behind
/// its Finished a sender's records have the traffic key, and numbers from 0.
void TlsTraffic::on_message(int written, int, int type, const void* bytes, std::size_t size,
                            SSL* ssl, void* data) {
  auto& traffic = *static_cast<TlsTraffic*>(data);
  Way& way = (written == 1) == traffic.is_server_ ? traffic.server_ : traffic.client_;
  if (size == 0) return;
  const std::uint8_t first = *static_cast<const std::uint8_t*>(bytes);
  if (type == SSL3_RT_HEADER && first == SSL3_RT_APPLICATION_DATA) ++way.records;
  const bool received = written == 0;
  // With TLS 1.3 all that comes behind the handshake is of another type. OpenSSL shows no more of
  // it than this, and would answer each with a warning, however many come.
  if (type == SSL3_RT_HEADER && first == SSL3_RT_HANDSHAKE && received &&
      SSL_is_init_finished(ssl) == 1) {
    traffic.socket_->refuse("the peer asks for a renegotiation");
  }
  if (type != SSL3_RT_HANDSHAKE) return;
  if (first == SSL3_MT_FINISHED) way.records = 0;
  if (first != SSL3_MT_KEY_UPDATE) return;
  traffic.key_updated_ = true;
  if (!received || ++traffic.key_updates_ <= max_key_updates) return;
  if (traffic.streaming_) {
    traffic.key_updates_ = 0;
    traffic.socket_->pause();
  } else {
    traffic.socket_->refuse("too many key updates come");
  }
}

std::optional<tls::RecordStream> TlsTraffic::take_over(const SSL& ssl) const {
  if (SSL_version(&ssl) != TLS1_3_VERSION || SSL_is_init_finished(&ssl) != 1 || key_updated_ ||
      SSL_has_pending(&ssl) == 1 || SSL_get_shutdown(&ssl) != 0 || wants_small_records(ssl)) {
    return std::nullopt;
  }
  const tls::Suite* const suite =
      tls::find_suite(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(&ssl)));
  if (suite == nullptr) return std::nullopt;
  tls::RecordKey client(*suite, client_.secret, client_.records);
  tls::RecordKey server(*suite, server_.secret, server_.records);
  if (!client || !server) return std::nullopt;
  return is_server_ ? tls::RecordStream(std::move(client), std::move(server))
                    : tls::RecordStream(std::move(server), std::move(client));
}

}  // namespace sluice::proxy
