// Seals or opens the records of one direction (RFC 8446, sections 5.2 and 5.3).
//
// With libgcrypt's ciphers: of what OpenSSL 3.0 takes for a full record they need two thirds where
// the processor has VAES, and of a small one, whose code has left the cache, half (bench/NOTES.md).
#pragma once

#include <gcrypt.h>

#include <array>
#include <memory>
#include <optional>

#include "protocol/openssl_ptr.hpp"
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
  explicit operator bool() const { return cipher_ != nullptr; }

  /// The record of a content of at most max_content bytes. `record`: of that size and `overhead`,
  /// not overlapping. false: libgcrypt could not.
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
  [[nodiscard]] bool begin(Bytes header);

  const Suite* suite_;
  TrafficSecret secret_;
  std::uint64_t sequence_;
  std::array<std::uint8_t, 12> iv_{};
  std::unique_ptr<gcry_cipher_handle, Release<gcry_cipher_close>> cipher_;  // null: there is no key
};

}  // namespace sluice::tls
