#include "protocol/tls/record_key.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice::tls {
namespace {

/// Whether libgcrypt is there, and lets a caller choose its nonces, as TLS 1.3 has it: in its FIPS
/// mode it does not.
bool have_libgcrypt() {
  static const bool have = gcry_check_version(GCRYPT_VERSION) != nullptr &&
                           // Memory that is never swapped: OpenSSL's keys are not there either.
                           gcry_control(GCRYCTL_DISABLE_SECMEM, 0) == 0 &&
                           gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0 &&
                           gcry_fips_mode_active() == 0;
  return have;
}

bool encrypt(gcry_cipher_hd_t cipher, std::uint8_t* out, Bytes in) {
  return in.empty() || gcry_cipher_encrypt(cipher, out, in.size(), in.data(), in.size()) == 0;
}

bool decrypt(gcry_cipher_hd_t cipher, std::uint8_t* out, Bytes in) {
  return in.empty() || gcry_cipher_decrypt(cipher, out, in.size(), in.data(), in.size()) == 0;
}

}  // namespace

RecordKey::RecordKey(const Suite& suite, const TrafficSecret& secret, std::uint64_t sequence)
    : suite_(&suite), secret_(secret), sequence_(sequence) {
  (void)make_key();
}

RecordKey::~RecordKey() {
  OPENSSL_cleanse(iv_.data(), iv_.size());
}

bool RecordKey::make_key() {
  cipher_.reset();
  if (!have_libgcrypt() || secret_.reveal().size() != suite_->secret_size) return false;
  std::array<std::uint8_t, 32> bytes{};
  const auto key = MutableBytes(bytes).first(suite_->key_size);
  gcry_cipher_hd_t cipher = nullptr;
  if (gcry_cipher_open(&cipher, suite_->cipher, suite_->mode, 0) != 0) return false;
  cipher_.reset(cipher);
  const bool made = secret_.expand(*suite_, "key", key) && secret_.expand(*suite_, "iv", iv_) &&
                    gcry_cipher_setkey(cipher, key.data(), key.size()) == 0;
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!made) cipher_.reset();
  return made;
}

bool RecordKey::begin(Bytes header) {
  if (!cipher_ || sequence_ == std::numeric_limits<std::uint64_t>::max()) return false;
  auto nonce = iv_;
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
  }
  ++sequence_;
  return gcry_cipher_setiv(cipher_.get(), nonce.data(), nonce.size()) == 0 &&
         gcry_cipher_authenticate(cipher_.get(), header.data(), header.size()) == 0;
}

bool RecordKey::seal(ContentType type, Bytes content, MutableBytes record) {
  const std::size_t body = content.size() + 1 + tag_size;
  std::ranges::copy(record_start, record.begin());
  record[3] = static_cast<std::uint8_t>(body >> 8);
  record[4] = static_cast<std::uint8_t>(body);
  std::uint8_t* const sealed = record.data() + header_size;
  const auto inner_type = static_cast<std::uint8_t>(type);
  return begin(record.first(header_size)) && encrypt(cipher_.get(), sealed, content) &&
         encrypt(cipher_.get(), sealed + content.size(), {&inner_type, 1}) &&
         gcry_cipher_gettag(cipher_.get(), sealed + content.size() + 1, tag_size) == 0;
}

std::optional<RecordKey::Opened> RecordKey::open(Bytes record, MutableBytes into) {
  if (record.size() < overhead) return std::nullopt;
  const Bytes content = record.subspan(header_size, record.size() - overhead);
  const Bytes type = record.subspan(header_size + content.size(), 1);
  const Bytes tag = record.last(tag_size);
  Opened opened{0, content.size()};
  const bool authentic = begin(record.first(header_size)) &&
                         decrypt(cipher_.get(), into.data(), content) &&
                         decrypt(cipher_.get(), &opened.type, type) &&
                         gcry_cipher_checktag(cipher_.get(), tag.data(), tag.size()) == 0;
  if (!authentic) return std::nullopt;
  // Zeros behind the type are padding: what was taken for the type is the last of them.
  while (opened.type == 0 && opened.size > 0) opened.type = into[--opened.size];
  return opened;
}

bool RecordKey::update() {
  auto next = secret_.next(*suite_);
  if (!next) return false;
  secret_ = *next;
  sequence_ = 0;
  return make_key();
}

}  // namespace sluice::tls
