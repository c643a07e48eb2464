// AES-GCM (NIST SP 800-38D) by the processor's own instructions: what aes_gcm_kernel.ipp is
// compiled to, once for each width of its registers.
//
// Nothing of the standard library may be included here, nor in what includes this: an inline
// function of it, compiled for a processor that has it all, would be used by the rest of the
// program too.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::tls {

/// A key as the kernels use it. None of it may be seen by anybody else.
struct GcmKey {
  /// How many blocks are multiplied before the sum is reduced: those of 256 bytes of text, and the
  /// lengths; and some, so that the registers of a whole step lie in cache lines of their own.
  static constexpr std::size_t powers = 20;
  /// How many blocks a register may hold.
  static constexpr std::size_t most_lanes = 4;

  alignas(64) std::uint8_t round_keys[15][16];
  /// Of the hash key H: H^20 to H^1, and nothing for the rest of a register; each times x, with its
  /// bytes reversed.
  alignas(64) std::uint8_t hash_powers[powers + most_lanes - 1][16];
  /// The sum of the two halves of each, in both halves.
  alignas(64) std::uint8_t hash_halves[powers + most_lanes - 1][16];
  unsigned rounds;
};

/// What belongs to one record: its nonce, and the header that is authenticated with it.
struct GcmRecord {
  const std::uint8_t* nonce;   ///< 12 bytes
  const std::uint8_t* header;  ///< 5 bytes
};

/// The functions for processors with certain instructions. Texts are a content and the type behind
/// it, one byte, as in a record of TLS 1.3.
struct GcmKernel {
  /// `size`: of the key, 16 or 32 bytes.
  void (*set_key)(GcmKey& made, const std::uint8_t* key, std::size_t size);
  /// Writes the text, encrypted, and its tag of 16 bytes: size + 17 bytes, which do not overlap
  /// `content`.
  void (*seal)(const GcmKey& key, const GcmRecord& record, const std::uint8_t* content,
               std::size_t size, std::uint8_t type, std::uint8_t* sealed);
  /// Takes size + 17 bytes, and writes `size` to `content`, which begins where they do or does not
  /// overlap them. False: the tag is another, and what was written is not what was sealed.
  bool (*open)(const GcmKey& key, const GcmRecord& record, const std::uint8_t* sealed,
               std::size_t size, std::uint8_t* content, std::uint8_t& type);
};

extern const GcmKernel gcm_aesni;   ///< AES-NI, PCLMULQDQ and SSE 4.1
extern const GcmKernel gcm_vaes;    ///< and VAES, VPCLMULQDQ and AVX2
extern const GcmKernel gcm_avx512;  ///< and AVX-512 (F, BW, VL)

}  // namespace sluice::tls
