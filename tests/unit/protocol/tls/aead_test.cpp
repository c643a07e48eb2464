#include "protocol/tls/aead.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/tls/tls_support.hpp"

namespace sluice::test {
namespace {

using tls::Aead;
using tls::AeadName;

constexpr tls::Nonce nonce = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8};

struct Way {
  const char* name;
  const tls::GcmKernel* kernel;
};

/// All that this processor can do: what it takes itself is the last of them.
std::vector<Way> ways() {
  std::vector<Way> all{{"OpenSSL", nullptr}};
#if defined(__x86_64__)
  const auto* const best = tls::find_gcm_kernel();
  if (best != nullptr) all.push_back({"AES-NI", &tls::gcm_aesni});
  if (best == &tls::gcm_vaes || best == &tls::gcm_avx512) all.push_back({"VAES", &tls::gcm_vaes});
  if (best == &tls::gcm_avx512) all.push_back({"AVX-512", best});
#endif
  return all;
}

Buffer key_for(AeadName name) {
  Buffer key = some_bytes(name == AeadName::aes_128_gcm ? 16 : 32);
  key[0] = 0xa5;
  return key;
}

Buffer seal(Aead& aead, Bytes header, Bytes content, std::uint8_t type) {
  Buffer sealed(content.size() + 1 + tls::tag_size);
  REQUIRE(aead.seal(nonce, header, content, type, sealed.data()));
  return sealed;
}

/// Empty steps, whole ones, and all that may be left behind them.
std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all(700);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  all.insert(all.end(), {16383, 16384});
  return all;
}

const Buffer header = {23, 3, 3, 1, 0x77};

}  // namespace

TEST_CASE("AEAD: the text of a test case of GCM's specification, whatever does it") {
  // Test case 4 of "The Galois/Counter Mode of Operation" (McGrew, Viega), but for its tag: 20
  // bytes are authenticated with its text, and 5 with that of a record.
  const Buffer key = from_digits("feffe9928665731c6d6a8f9467308308");
  const Buffer text = from_digits(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
  const Buffer wanted = from_digits(
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091");
  const tls::Nonce its = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
  for (const auto& way : ways()) {
    CAPTURE(way.name);
    Aead aead(AeadName::aes_128_gcm, key, way.kernel);
    Buffer sealed(text.size() + tls::tag_size);
    REQUIRE(aead.seal(its, header, Bytes(text).first(text.size() - 1), text.back(), sealed.data()));
    CHECK(std::ranges::equal(Bytes(sealed).first(text.size()), wanted));
  }
}

TEST_CASE("AEAD: every size as OpenSSL has it, also where it lies") {
  for (const auto name : {AeadName::aes_128_gcm, AeadName::aes_256_gcm}) {
    Aead openssls(name, key_for(name), nullptr);
    for (const auto& way : ways()) {
      CAPTURE(way.name);
      Aead aead(name, key_for(name), way.kernel);
      REQUIRE(aead);
      for (const std::size_t size : sizes()) {
        CAPTURE(size);
        const Buffer content = some_bytes(size);
        Buffer sealed = seal(aead, header, content, 22);
        REQUIRE(sealed == seal(openssls, header, content, 22));
        // One byte more than it may write.
        Buffer opened(size + 1, 0xee);
        REQUIRE(aead.open(nonce, header, sealed, opened.data()) == 22);
        REQUIRE(std::equal(content.begin(), content.end(), opened.begin()));
        REQUIRE(opened.back() == 0xee);
        REQUIRE(aead.open(nonce, header, sealed, sealed.data()) == 22);
        REQUIRE(std::equal(content.begin(), content.end(), sealed.begin()));
      }
    }
  }
}

TEST_CASE("AEAD: anything else is not authentic") {
  for (const auto& way : ways()) {
    CAPTURE(way.name);
    Aead aead(AeadName::aes_256_gcm, key_for(AeadName::aes_256_gcm), way.kernel);
    const Buffer sealed = seal(aead, header, some_bytes(300), 23);
    Buffer opened(300);
    CHECK(aead.open(nonce, header, sealed, opened.data()) == 23);
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
      Buffer other = sealed;
      other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1U << (bit % 8));
      REQUIRE_FALSE(aead.open(nonce, header, other, opened.data()));
    }
    for (std::size_t bit = 0; bit < header.size() * 8; ++bit) {
      Buffer other = header;
      other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1U << (bit % 8));
      REQUIRE_FALSE(aead.open(nonce, other, sealed, opened.data()));
    }
    auto another = nonce;
    another[11] ^= 1;
    CHECK_FALSE(aead.open(another, header, sealed, opened.data()));
  }
}

TEST_CASE("AEAD: a key of another size is none") {
  for (const auto& way : ways()) {
    for (const std::size_t size : {0U, 15U, 17U, 24U, 31U, 33U}) {
      CHECK_FALSE(Aead(AeadName::aes_128_gcm, Buffer(size), way.kernel));
      CHECK_FALSE(Aead(AeadName::aes_256_gcm, Buffer(size), way.kernel));
      CHECK_FALSE(Aead(AeadName::chacha20_poly1305, Buffer(size), way.kernel));
    }
    CHECK_FALSE(Aead(AeadName::aes_256_gcm, Buffer(16), way.kernel));
  }
}

TEST_CASE("AEAD: in its FIPS mode it is OpenSSL's") {
  REQUIRE(EVP_default_properties_enable_fips(nullptr, 1) == 1);
  const auto* const found = tls::find_gcm_kernel();
  REQUIRE(EVP_default_properties_enable_fips(nullptr, 0) == 1);
  CHECK(found == nullptr);
#if defined(__x86_64__)
  CHECK((tls::find_gcm_kernel() != nullptr) ==
        (__builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul")));
#endif
}

}  // namespace sluice::test
