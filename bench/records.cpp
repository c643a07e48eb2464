// TLS records alone, in memory: what a core needs to seal and to open them, as a relay does once
// for each of its legs. OpenSSL's ciphers do the same beside it.
//
//   bench_records [--json] [NAME...]
#include <openssl/evp.h>

#include <array>
#include <numeric>

#include "bench/in_memory.hpp"
#include "protocol/openssl_ptr.hpp"
#include "protocol/tls/record_key.hpp"

using namespace sluice;
using namespace sluice::bench;

namespace {

constexpr std::size_t bytes_at_once = std::size_t{4} << 20;  // of content; more than a cache holds

/// The two ends of one direction: what `seal` makes of contents one after the other, `open` takes.
struct Pair {
  std::function<bool(Bytes content, MutableBytes record)> seal;
  std::function<bool(Bytes record, MutableBytes content)> open;
};

Pair sluices(std::uint32_t suite) {
  const auto key = [&] {
    const tls::Suite& found = *tls::find_suite(suite);
    return std::make_shared<tls::RecordKey>(found, tls::TrafficSecret(Buffer(found.secret_size, 1)),
                                            std::uint64_t{0});
  };
  return {[key = key()](Bytes content, MutableBytes record) {
            return key->seal(tls::ContentType::application_data, content, record);
          },
          [key = key()](Bytes record, MutableBytes content) {
            return key->open(record, content).has_value();
          }};
}

/// One direction with OpenSSL's cipher: nonce, header, content with its type, tag.
class OpensslKey {
 public:
  OpensslKey(const EVP_CIPHER* cipher, bool seals) : context_(EVP_CIPHER_CTX_new()) {
    const Buffer key(static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher)), 1);
    EVP_CipherInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr, seals ? 1 : 0);
  }

  bool seal(Bytes content, MutableBytes record) {
    const std::uint8_t type = 23;
    std::uint8_t* const body = record.data() + tls::header_size;
    int size = 0;
    return begin(record.first(tls::header_size)) && update(content, body) &&
           update({&type, 1}, body + content.size()) &&
           EVP_CipherFinal_ex(context_.get(), body, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, tls::tag_size,
                               body + content.size() + 1) == 1;
  }
  bool open(Bytes record, MutableBytes content) {
    const Bytes body = record.subspan(tls::header_size);
    const std::size_t size = body.size() - tls::tag_size;
    int rest = 0;
    return begin(record.first(tls::header_size)) && update(body.first(size), content.data()) &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, tls::tag_size,
                               const_cast<std::uint8_t*>(body.data() + size)) == 1 &&
           EVP_CipherFinal_ex(context_.get(), content.data(), &rest) == 1;
  }

 private:
  bool begin(Bytes header) {
    std::array<std::uint8_t, 12> nonce{};
    std::memcpy(nonce.data(), &sequence_, sizeof sequence_);
    ++sequence_;
    int size = 0;
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), -1) == 1 &&
           EVP_CipherUpdate(context_.get(), nullptr, &size, header.data(),
                            static_cast<int>(header.size())) == 1;
  }
  bool update(Bytes from, std::uint8_t* to) {
    int size = 0;
    return EVP_CipherUpdate(context_.get(), to, &size, from.data(),
                            static_cast<int>(from.size())) == 1;
  }

  OpensslPtr<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context_;
  std::uint64_t sequence_ = 0;
};

Pair openssls(const EVP_CIPHER* cipher) {
  const auto sealing = std::make_shared<OpensslKey>(cipher, true);
  const auto opening = std::make_shared<OpensslKey>(cipher, false);
  return {[sealing](Bytes content, MutableBytes record) { return sealing->seal(content, record); },
          [opening](Bytes record, MutableBytes content) { return opening->open(record, content); }};
}

/// Seconds that each record takes, sealed and opened again.
double seconds_a_record(const Pair& pair, std::size_t content_size) {
  const std::size_t count = bytes_at_once / content_size;
  Buffer contents(count * content_size);
  std::iota(contents.begin(), contents.end(), std::uint8_t{0});
  Buffer opened(content_size + 1);  // and its type
  const std::size_t record_size = content_size + tls::overhead;
  Buffer records(count * record_size);
  const auto content = [&](std::size_t i) {
    return Bytes(contents).subspan(i * content_size, content_size);
  };
  bool good = true;
  const double seconds = best_time(
      [] {},
      [&] {
        for (std::size_t i = 0; i < count; ++i) {
          const MutableBytes record = MutableBytes(records).subspan(i * record_size, record_size);
          good = pair.seal(content(i), record) && pair.open(record, opened) && good;
        }
      });
  require(good && std::equal(opened.begin(), opened.end() - 1, content(count - 1).begin()),
          "what was sealed is opened");
  return seconds / static_cast<double>(count);
}

Result full_records(const Pair& pair, const char* name) {
  return {name, "CPU s/GB", seconds_a_record(pair, tls::max_content) / tls::max_content * 1e9};
}
Result small_records(const Pair& pair, const char* name) {
  return {name, "ns/record", seconds_a_record(pair, 100) * 1e9};
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"aes-256", [] { return full_records(sluices(0x1302), "AES-256-GCM, full records"); }},
      {"aes-128", [] { return full_records(sluices(0x1301), "AES-128-GCM, full records"); }},
      {"chacha20", [] { return full_records(sluices(0x1303), "ChaCha20-Poly1305, full records"); }},
      {"small", [] { return small_records(sluices(0x1302), "AES-256-GCM, 100 bytes"); }},
      {"openssl-aes-256",
       [] {
         return full_records(openssls(EVP_aes_256_gcm()), "AES-256-GCM, full records (OpenSSL)");
       }},
      {"openssl-aes-128",
       [] {
         return full_records(openssls(EVP_aes_128_gcm()), "AES-128-GCM, full records (OpenSSL)");
       }},
      {"openssl-chacha20",
       [] {
         return full_records(openssls(EVP_chacha20_poly1305()),
                             "ChaCha20-Poly1305, full records (OpenSSL)");
       }},
      {"openssl-small",
       [] {
         return small_records(openssls(EVP_aes_256_gcm()), "AES-256-GCM, 100 bytes (OpenSSL)");
       }},
  };
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  return run(cases(), std::span(arguments + 1, static_cast<std::size_t>(count - 1)));
}
