// AES-GCM with registers of four blocks.
#include <immintrin.h>

#include "protocol/tls/aes_gcm_kernel.hpp"

namespace sluice::tls {
namespace {

struct Lanes {
  using Vector = __m512i;
  static constexpr std::size_t count = 4;
  static constexpr std::size_t at_once = 4;

  static Vector load(const std::uint8_t* from) { return _mm512_loadu_si512(from); }
  static void store(std::uint8_t* to, Vector vector) { _mm512_storeu_si512(to, vector); }
  static Vector zero() { return _mm512_setzero_si512(); }
  static Vector all(__m128i block) { return _mm512_broadcast_i32x4(block); }
  static Vector first(__m128i block) { return _mm512_zextsi128_si512(block); }
  /// The sum of its blocks.
  static __m128i together(Vector vector) {
    const __m256i halves =
        _mm256_xor_si256(_mm512_castsi512_si256(vector), _mm512_extracti64x4_epi64(vector, 1));
    return _mm_xor_si128(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
  }
  /// The halves of each block.
  static Vector swapped(Vector vector) { return _mm512_shuffle_epi32(vector, _MM_PERM_BADC); }
  static Vector add(Vector a, Vector b) { return _mm512_xor_si512(a, b); }
  static Vector reversed(Vector vector) {
    return _mm512_shuffle_epi8(
        vector, all(_mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
  }
  template <int halves>
  static Vector multiply(Vector a, Vector b) {
    return _mm512_clmulepi64_epi128(a, b, halves);
  }
  static Vector encrypt_round(Vector state, Vector key) { return _mm512_aesenc_epi128(state, key); }
  static Vector encrypt_last(Vector state, Vector key) {
    return _mm512_aesenclast_epi128(state, key);
  }
  /// From four times the same counter to the four behind it.
  static Vector count_up(Vector counters) {
    return _mm512_add_epi32(counters,
                            _mm512_set_epi32(0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1));
  }
  static Vector next(Vector counters) {
    return _mm512_add_epi32(counters, all(_mm_set_epi32(0, 0, 0, 4)));
  }
};

}  // namespace
}  // namespace sluice::tls

#include "protocol/tls/aes_gcm_kernel.ipp"

namespace sluice::tls {

const GcmKernel gcm_avx512 = {set_key, seal, open};

}  // namespace sluice::tls
