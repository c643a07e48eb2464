#include "protocol/binlog/crc32_folding.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

namespace sluice::binlog {
namespace {

#define SLUICE_FOLDS __attribute__((target("pclmul,sse4.1")))

/// Powers of x modulo the polynomial: what moves 128 bits ahead by so many bytes.
struct Powers {
  long long high, low;
};
constexpr Powers ahead_64{0x01c6e41596, 0x0154442bd4};
constexpr Powers ahead_16{0x00ccaa009e, 0x01751997d0};
constexpr long long ahead_8 = 0x0163cd6124;
constexpr Powers barrett{0x01f7011641, 0x01db710641};

SLUICE_FOLDS __m128i load(const std::uint8_t* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

/// `sum`, moved ahead, and what stands there.
SLUICE_FOLDS __m128i fold(__m128i sum, __m128i powers, __m128i there) {
  const __m128i low = _mm_clmulepi64_si128(sum, powers, 0x00);
  const __m128i high = _mm_clmulepi64_si128(sum, powers, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), there);
}

SLUICE_FOLDS std::uint32_t reduce(__m128i sum) {
  const __m128i low_halves = _mm_setr_epi32(~0, 0, ~0, 0);
  // From 128 bits to 64.
  const __m128i by_16 = _mm_set_epi64x(ahead_16.high, ahead_16.low);
  sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by_16, 0x10));
  const __m128i by_8 = _mm_set_epi64x(0, ahead_8);
  sum = _mm_xor_si128(_mm_srli_si128(sum, 4),
                      _mm_clmulepi64_si128(_mm_and_si128(sum, low_halves), by_8, 0x00));
  // And to 32 (Barrett's reduction).
  const __m128i polynomial = _mm_set_epi64x(barrett.high, barrett.low);
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(sum, low_halves), polynomial, 0x10);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_halves), polynomial, 0x00);
  return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(sum, quotient), 1));
}

}  // namespace

bool can_fold_crc32() {
  static const bool can = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  return can;
}

SLUICE_FOLDS std::uint32_t fold_crc32(Bytes bytes, std::uint32_t so_far) {
  constexpr std::size_t lanes = 4;
  const std::uint8_t* at = bytes.data();
  __m128i sums[lanes] = {load(at), load(at + 16), load(at + 32), load(at + 48)};
  sums[0] = _mm_xor_si128(sums[0], _mm_cvtsi32_si128(static_cast<int>(~so_far)));
  bytes = bytes.subspan(lanes * fold_size);

  const __m128i by_64 = _mm_set_epi64x(ahead_64.high, ahead_64.low);
  for (; bytes.size() >= lanes * fold_size; bytes = bytes.subspan(lanes * fold_size)) {
    at = bytes.data();
    for (std::size_t i = 0; i < lanes; ++i)
      sums[i] = fold(sums[i], by_64, load(at + i * fold_size));
  }
  const __m128i by_16 = _mm_set_epi64x(ahead_16.high, ahead_16.low);
  __m128i sum = sums[0];
  for (std::size_t i = 1; i < lanes; ++i) sum = fold(sum, by_16, sums[i]);
  for (; !bytes.empty(); bytes = bytes.subspan(fold_size))
    sum = fold(sum, by_16, load(bytes.data()));
  return ~reduce(sum);
}

}  // namespace sluice::binlog

#else

namespace sluice::binlog {

bool can_fold_crc32() {
  return false;
}

std::uint32_t fold_crc32(Bytes, std::uint32_t so_far) {
  return so_far;
}

}  // namespace sluice::binlog

#endif
