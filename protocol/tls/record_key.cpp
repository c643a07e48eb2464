#include "protocol/tls/record_key.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sluice::tls {
namespace {

/// Encrypts or decrypts; without `out`, authenticates alone.
bool pass_through(EVP_CIPHER_CTX* context, std::uint8_t* out, Bytes in) {
  int size = 0;
  return in.empty() ||
         EVP_CipherUpdate(context, out, &size, in.data(), static_cast<int>(in.size())) == 1;
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
  context_.reset();
  if (secret_.reveal().size() != suite_->secret_size) return false;
  std::array<std::uint8_t, 32> bytes{};
  const auto key = MutableBytes(bytes).first(suite_->key_size);
  const OpensslPtr<EVP_CIPHER, EVP_CIPHER_free> cipher(
      EVP_CIPHER_fetch(nullptr, suite_->cipher, nullptr));
  context_.reset(EVP_CIPHER_CTX_new());
  // Whether it seals or opens is said with each record; the key is the same for both.
  const bool made =
      cipher && context_ && secret_.expand(*suite_, "key", key) &&
      secret_.expand(*suite_, "iv", iv_) &&
      EVP_CipherInit_ex2(context_.get(), cipher.get(), key.data(), nullptr, 1, nullptr) == 1;
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!made) context_.reset();
  return made;
}

bool RecordKey::begin(Bytes header, int sealing) {
  if (!context_ || sequence_ == std::numeric_limits<std::uint64_t>::max()) return false;
  auto nonce = iv_;
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
  }
  ++sequence_;
  return EVP_CipherInit_ex2(context_.get(), nullptr, nullptr, nonce.data(), sealing, nullptr) ==
             1 &&
         pass_through(context_.get(), nullptr, header);
}

bool RecordKey::seal(ContentType type, Bytes content, MutableBytes record) {
  const std::size_t body = content.size() + 1 + tag_size;
  std::ranges::copy(record_start, record.begin());
  record[3] = static_cast<std::uint8_t>(body >> 8);
  record[4] = static_cast<std::uint8_t>(body);
  std::uint8_t* const sealed = record.data() + header_size;
  const auto inner_type = static_cast<std::uint8_t>(type);
  int none = 0;
  return begin(record.first(header_size), 1) && pass_through(context_.get(), sealed, content) &&
         pass_through(context_.get(), sealed + content.size(), {&inner_type, 1}) &&
         EVP_CipherFinal_ex(context_.get(), sealed + content.size() + 1, &none) == 1 &&
         EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size,
                             sealed + content.size() + 1) == 1;
}

std::optional<RecordKey::Opened> RecordKey::open(Bytes record, MutableBytes into) {
  if (record.size() < overhead) return std::nullopt;
  const Bytes content = record.subspan(header_size, record.size() - overhead);
  const Bytes type = record.subspan(header_size + content.size(), 1);
  std::array<std::uint8_t, tag_size> tag{};
  std::ranges::copy(record.last(tag_size), tag.begin());
  Opened opened{0, content.size()};
  int none = 0;
  std::uint8_t nothing = 0;
  const bool authentic =
      begin(record.first(header_size), 0) &&
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1 &&
      pass_through(context_.get(), into.data(), content) &&
      pass_through(context_.get(), &opened.type, type) &&
      EVP_CipherFinal_ex(context_.get(), &nothing, &none) == 1;
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
