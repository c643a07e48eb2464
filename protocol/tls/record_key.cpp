#include "protocol/tls/record_key.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <limits>

namespace sluice::tls {
RecordKey::RecordKey(const Suite& suite, const TrafficSecret& secret, std::uint64_t sequence)
    : suite_(&suite), secret_(secret), sequence_(sequence) {
  (void)make_key();
}

RecordKey::~RecordKey() {
  OPENSSL_cleanse(iv_.data(), iv_.size());
}

bool RecordKey::make_key() {
  cipher_.reset();
  if (secret_.reveal().size() != suite_->secret_size) return false;
  std::array<std::uint8_t, 32> bytes{};
  const auto key = MutableBytes(bytes).first(suite_->key_size);
  if (secret_.expand(*suite_, "key", key) && secret_.expand(*suite_, "iv", iv_)) {
    cipher_.emplace(suite_->aead, key);
    if (!*cipher_) cipher_.reset();
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return cipher_.has_value();
}

std::optional<Nonce> RecordKey::next_nonce() {
  if (!cipher_ || sequence_ == std::numeric_limits<std::uint64_t>::max()) return std::nullopt;
  Nonce nonce = iv_;
  for (std::size_t i = 0; i < 8; ++i) {
    nonce[nonce.size() - 1 - i] ^= static_cast<std::uint8_t>(sequence_ >> (8 * i));
  }
  ++sequence_;
  return nonce;
}

bool RecordKey::seal(ContentType type, Bytes content, MutableBytes record) {
  const std::size_t body = content.size() + 1 + tag_size;
  std::ranges::copy(record_start, record.begin());
  record[3] = static_cast<std::uint8_t>(body >> 8);
  record[4] = static_cast<std::uint8_t>(body);
  const auto nonce = next_nonce();
  return nonce && cipher_->seal(*nonce, record.first(header_size), content,
                                static_cast<std::uint8_t>(type), record.data() + header_size);
}

std::optional<RecordKey::Opened> RecordKey::open(Bytes record, MutableBytes into) {
  if (record.size() < overhead) return std::nullopt;
  const auto nonce = next_nonce();
  const auto type = nonce ? cipher_->open(*nonce, record.first(header_size),
                                          record.subspan(header_size), into.data())
                          : std::nullopt;
  if (!type) return std::nullopt;
  Opened opened{*type, record.size() - overhead};
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
