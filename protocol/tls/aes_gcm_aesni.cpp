// AES-GCM with registers of one block.
#include <immintrin.h>

#include "protocol/tls/aes_gcm_kernel.hpp"

namespace sluice::tls {
namespace {

struct Lanes {
  using Vector = __m128i;
  static constexpr std::size_t count = 1;
  static constexpr std::size_t at_once = 8;

  static Vector load(const std::uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const Vector*>(from));
  }
  static void store(std::uint8_t* to, Vector vector) {
    _mm_storeu_si128(reinterpret_cast<Vector*>(to), vector);
  }
  static Vector zero() { return _mm_setzero_si128(); }
  static Vector all(__m128i block) { return block; }
  static Vector first(__m128i block) { return block; }
  static __m128i together(Vector vector) { return vector; }
  static Vector swapped(Vector vector) { return _mm_shuffle_epi32(vector, 0x4e); }
  static Vector add(Vector a, Vector b) { return _mm_xor_si128(a, b); }
  static Vector reversed(Vector vector) {
    return _mm_shuffle_epi8(vector,
                            _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  }
  template <int halves>
  static Vector multiply(Vector a, Vector b) {
    return _mm_clmulepi64_si128(a, b, halves);
  }
  static Vector encrypt_round(Vector state, Vector key) { return _mm_aesenc_si128(state, key); }
  static Vector encrypt_last(Vector state, Vector key) { return _mm_aesenclast_si128(state, key); }
  static Vector count_up(Vector counters) { return next(counters); }
  static Vector next(Vector counters) { return _mm_add_epi32(counters, _mm_set_epi32(0, 0, 0, 1)); }
};

}  // namespace
}  // namespace sluice::tls

#include "protocol/tls/aes_gcm_kernel.ipp"

namespace sluice::tls {

const GcmKernel gcm_aesni = {set_key, seal, open};

}  // namespace sluice::tls
