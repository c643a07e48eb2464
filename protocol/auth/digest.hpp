// Message digests over several pieces, in one line each.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace sluice::auth {

using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha512Digest = std::array<std::uint8_t, 64>;

/// The digest of the pieces one behind the other.
[[nodiscard]] Sha1Digest sha1(std::initializer_list<std::string_view> pieces);
[[nodiscard]] Sha256Digest sha256(std::initializer_list<std::string_view> pieces);
[[nodiscard]] Sha512Digest sha512(std::initializer_list<std::string_view> pieces);

template <std::size_t size>
[[nodiscard]] std::string_view view(const std::array<std::uint8_t, size>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace sluice::auth
