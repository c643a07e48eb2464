// Seals or opens the records of one direction (RFC 8446, sections 5.2 and 5.3).
#pragma once

#include <optional>

#include "protocol/tls/aead.hpp"
#include "protocol/tls/record.hpp"
#include "protocol/tls/traffic_secret.hpp"

namespace sluice::tls {

/// The key of one direction, and how many records it has been used for. A number is used once.
class RecordKey {
 public:
  /// `sequence`: how many records the key has been used for before. Where the key cannot be made
  /// the object is false, and everything fails.
  RecordKey(const Suite& suite, const TrafficSecret& secret, std::uint64_t sequence);
  ~RecordKey();
  RecordKey(const RecordKey&) = delete;
  RecordKey& operator=(const RecordKey&) = delete;
  RecordKey(RecordKey&&) noexcept = default;
  RecordKey& operator=(RecordKey&&) noexcept = default;
  explicit operator bool() const { return cipher_.has_value(); }

  /// The record of a content of at most max_content bytes. `record`: of that size and `overhead`,
  /// not overlapping. false: OpenSSL could not, or all numbers are used.
  [[nodiscard]] bool seal(ContentType type, Bytes content, MutableBytes record);

  struct Opened {
    std::uint8_t type;  ///< 0: it had none
    std::size_t size;   ///< of the content, without padding
  };
  /// Decrypts the whole record to `into`, which has room for all behind its header but the tag and
  /// one byte, and is either there or does not overlap it. nullopt: it is not what the peer has
  /// sealed, and what is in `into` is worth nothing.
  [[nodiscard]] std::optional<Opened> open(Bytes record, MutableBytes into);

  /// Goes on with the next key, from 0. false: it could not be made.
  [[nodiscard]] bool update();

  [[nodiscard]] std::uint64_t sequence() const { return sequence_; }

 private:
  [[nodiscard]] bool make_key();
  /// Of the next record. nullopt: there is no key, or no number left.
  [[nodiscard]] std::optional<Nonce> next_nonce();

  const Suite* suite_;
  TrafficSecret secret_;
  std::uint64_t sequence_;
  Nonce iv_{};
  std::optional<Aead> cipher_;
};

}  // namespace sluice::tls
