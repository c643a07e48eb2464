// What belongs to an SSL_CTX, and goes with it.
#pragma once

#include <openssl/ssl.h>

#include <memory>

namespace sluice::proxy {

/// A T of each context that has been given one.
template <typename T>
class ContextData {
 public:
  /// A new one. false: there is no memory for it.
  [[nodiscard]] static bool give(SSL_CTX& context) {
    auto data = std::make_unique<T>();
    if (SSL_CTX_set_ex_data(&context, slot(), data.get()) != 1) return false;
    (void)data.release();  // the context's now
    return true;
  }
  /// That of the connection's context; null: it has none.
  [[nodiscard]] static T* of(const SSL& ssl) {
    return static_cast<T*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(&ssl), slot()));
  }

 private:
  static int slot() {
    const auto free = [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) {
      delete static_cast<T*>(data);
    };
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free);
    return index;
  }
};

}  // namespace sluice::proxy
