// What the tests of protocol/ share: bytes in hexadecimal, recorded packets, truncations.
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.hpp"
#include "unit/test_data.hpp"

namespace sluice::test {

/// "0a 39 2e" or "0a392e". The buffer has exactly that size, so that ASan sees every overrun.
inline Buffer hex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  Buffer bytes(digits.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(std::stoi(digits.substr(2 * i, 2), nullptr, 16));
  }
  return bytes;
}

inline Buffer bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

struct Recorded {
  std::string source;  // e.g. "mysql-9.7-gtid 1"
  std::vector<Buffer> payloads;
  [[nodiscard]] Bytes payload() const { return payloads.front(); }
};

/// The packets of that kind from tests/data/wire/packets.txt.
inline std::vector<Recorded> recorded(std::string_view kind) {
  std::ifstream file(test_data("wire/packets.txt"));
  std::vector<Recorded> found;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, connection, line_kind, payloads;
    words >> name >> connection >> line_kind >> payloads;
    if (line_kind != kind) continue;
    auto& packet = found.emplace_back();
    packet.source = name + " " + connection;
    std::istringstream list(payloads);
    for (std::string payload; std::getline(list, payload, ',');) {
      packet.payloads.push_back(hex(payload));
    }
  }
  return found;
}

/// Calls `check` with every proper prefix of `whole`, each in a buffer of exactly its size.
template <typename Check>
void for_each_truncation(Bytes whole, Check check) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Buffer part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    check(Bytes(part));
  }
}

template <typename T>
Buffer serialized(const T& packet) {
  Buffer out;
  serialize(packet, out);
  return out;
}

inline bool same(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace sluice::test
