#include "protocol/auth/sha256_crypt.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "protocol/auth/digest.hpp"

namespace sluice::auth {

namespace {

/// The first `size` bytes of the digest repeated.
std::string stretch(const Sha256Digest& digest, std::size_t size) {
  std::string text;
  while (text.size() < size) text += view(digest).substr(0, size - text.size());
  return text;
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

/// The digest that the rounds start from.
Sha256Digest initial_digest(std::string_view password, std::string_view salt) {
  const auto alternate = sha256({password, salt, password});
  std::string tail = stretch(alternate, password.size());
  // One that grows leaves itself behind in memory.
  const auto pieces = static_cast<std::size_t>(std::bit_width(password.size()));
  tail.reserve(tail.size() + pieces * std::max(alternate.size(), password.size()));
  for (std::size_t bits = password.size(); bits > 0; bits >>= 1) {
    tail += (bits & 1) != 0 ? view(alternate) : password;
  }
  const auto digest = sha256({password, salt, tail});
  OPENSSL_cleanse(tail.data(), tail.size());
  return digest;
}

/// Crypt's own base 64: 6 bits at a time from the low end, the bytes in a fixed odd order.
std::string encode(const Sha256Digest& digest) {
  constexpr std::string_view alphabet =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text;
  const auto put = [&](std::uint32_t value, int characters) {
    for (; characters > 0; --characters, value >>= 6) text += alphabet[value & 63];
  };
  // Three bytes 10 apart make 4 characters; each next group starts 21 further on, modulo 30.
  std::array<std::size_t, 3> at = {0, 10, 20};
  for (int group = 0; group < 10; ++group) {
    put(std::uint32_t{digest[at[0]]} << 16 | std::uint32_t{digest[at[1]]} << 8 | digest[at[2]], 4);
    for (auto& index : at) index = (index + 21) % 30;
  }
  put(std::uint32_t{digest[31]} << 8 | digest[30], 3);
  return text;
}

}  // namespace

std::string sha256_crypt(const Secret& password, std::string_view salt, std::uint32_t rounds) {
  const std::string_view clear = password.reveal();
  auto digest = initial_digest(clear, salt);

  std::string repeated = repeat(clear, clear.size());
  std::string p = stretch(sha256({repeated}), clear.size());
  OPENSSL_cleanse(repeated.data(), repeated.size());
  const std::string s = stretch(sha256({repeat(salt, 16 + std::size_t{digest[0]})}), salt.size());

  for (std::uint32_t round = 0; round < rounds; ++round) {
    const bool odd = round % 2 != 0;
    const auto salt_part = round % 3 != 0 ? std::string_view(s) : std::string_view();
    const auto password_part = round % 7 != 0 ? std::string_view(p) : std::string_view();
    const Sha256Digest previous = digest;
    digest = sha256({odd ? std::string_view(p) : view(previous), salt_part, password_part,
                     odd ? view(previous) : std::string_view(p)});
  }
  OPENSSL_cleanse(p.data(), p.size());
  return encode(digest);
}

}  // namespace sluice::auth
