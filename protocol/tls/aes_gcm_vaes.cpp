// AES-GCM with registers of two blocks.
#include <immintrin.h>

#include "protocol/tls/aes_gcm_kernel.hpp"

namespace sluice::tls {
namespace {

struct Lanes {
  using Vector = __m256i;
  static constexpr std::size_t count = 2;
  static constexpr std::size_t at_once = 4;

  static Vector load(const std::uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const Vector*>(from));
  }
  static void store(std::uint8_t* to, Vector vector) {
    _mm256_storeu_si256(reinterpret_cast<Vector*>(to), vector);
  }
  static Vector zero() { return _mm256_setzero_si256(); }
  static Vector all(__m128i block) { return _mm256_broadcastsi128_si256(block); }
  static Vector first(__m128i block) { return _mm256_zextsi128_si256(block); }
  /// The sum of its blocks.
  static __m128i together(Vector vector) {
    return _mm_xor_si128(_mm256_castsi256_si128(vector), _mm256_extracti128_si256(vector, 1));
  }
  /// The halves of each block.
  static Vector swapped(Vector vector) { return _mm256_shuffle_epi32(vector, 0x4e); }
  static Vector add(Vector a, Vector b) { return _mm256_xor_si256(a, b); }
  static Vector reversed(Vector vector) {
    return _mm256_shuffle_epi8(
        vector, all(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
  }
  template <int halves>
  static Vector multiply(Vector a, Vector b) {
    return _mm256_clmulepi64_epi128(a, b, halves);
  }
  static Vector encrypt_round(Vector state, Vector key) { return _mm256_aesenc_epi128(state, key); }
  static Vector encrypt_last(Vector state, Vector key) {
    return _mm256_aesenclast_epi128(state, key);
  }
  /// From twice the same counter to the two behind it.
  static Vector count_up(Vector counters) {
    return _mm256_add_epi32(counters, _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 1));
  }
  static Vector next(Vector counters) {
    return _mm256_add_epi32(counters, _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 2));
  }
};

}  // namespace
}  // namespace sluice::tls

#include "protocol/tls/aes_gcm_kernel.ipp"

namespace sluice::tls {

const GcmKernel gcm_vaes = {set_key, seal, open};

}  // namespace sluice::tls
