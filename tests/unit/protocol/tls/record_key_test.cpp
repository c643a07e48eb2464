#include "protocol/tls/record_key.hpp"

#include <doctest/doctest.h>

#include "unit/protocol/tls/tls_support.hpp"

namespace sluice::test {
namespace {

using tls::RecordKey;
using tls::TrafficSecret;

/// The simple 1-RTT handshake of RFC 8448, section 3.
Buffer rfc_client_secret() {
  return from_digits("9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
}

Buffer rfc_record() {
  return from_digits(
      "17030300 43a23f70 54b62c94 d0affafe 8228ba55 cbefacea 42f914aa 66bcab3f 2b9819a8 a5b46b39"
      "5bd54a9a 20441e2b 62974e1f 5a6292a2 977014bd 1e3deae6 3aeebb21 694915e4");
}

Buffer rfc_content() {
  Buffer content(50);
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i);
  return content;
}

std::string expanded(const TrafficSecret& secret, const char* label, std::size_t size) {
  Buffer out(size);
  REQUIRE(secret.expand(suite(0x1301), label, out));
  return to_hex(as_text(out));
}

}  // namespace

TEST_CASE("Traffic secret: key and initialization vector as in RFC 8448") {
  const TrafficSecret secret(rfc_client_secret());
  CHECK(expanded(secret, "key", 16) == "17422dda596ed5d9acd890e3c63f5051");
  CHECK(expanded(secret, "iv", 12) == "5b78923dee08579033e523d9");
  const auto next = secret.next(suite(0x1301));
  REQUIRE(next);
  CHECK(next->reveal().size() == 32);
  CHECK_FALSE(std::ranges::equal(next->reveal(), secret.reveal()));
}

TEST_CASE("Traffic secret: what is larger than any is none, and makes no key") {
  CHECK(TrafficSecret(Buffer(49)).reveal().empty());
  for (const std::size_t size : {0U, 31U, 33U, 48U, 49U}) {
    RecordKey key(suite(0x1301), TrafficSecret(Buffer(size)), 0);
    CHECK_FALSE(key);
    Buffer record(tls::overhead);
    CHECK_FALSE(key.seal(tls::ContentType::alert, {}, record));
    CHECK_FALSE(key.open(record, {}));
  }
}

TEST_CASE("Suites: those that are sealed in one way") {
  CHECK(suite(0x1302).secret_size == 48);
  CHECK(suite(0x1303).key_size == 32);
  CHECK(tls::find_suite(0x1304) ==
        nullptr);  // TLS_AES_128_CCM_SHA256: OpenSSL wants its length first
  CHECK(tls::find_suite(0x1305) == nullptr);  // TLS_AES_128_CCM_8_SHA256
  CHECK(tls::find_suite(0xc02f) == nullptr);  // of TLS 1.2
}

TEST_CASE("Record: sealed and opened as in RFC 8448") {
  RecordKey sealing(suite(0x1301), TrafficSecret(rfc_client_secret()), 0);
  CHECK(sealed(sealing, 23, rfc_content()) == rfc_record());
  CHECK(sealing.sequence() == 1);
  CHECK(sealed(sealing, 23, rfc_content()) != rfc_record());

  RecordKey opening(suite(0x1301), TrafficSecret(rfc_client_secret()), 0);
  Buffer content(50);
  const auto opened = opening.open(rfc_record(), content);
  REQUIRE(opened);
  CHECK(opened->type == 23);
  CHECK(opened->size == 50);
  CHECK(content == rfc_content());
  CHECK_FALSE(opening.open(rfc_record(), content));  // a second time
}

TEST_CASE("Record: of any suite and size, also where it lies, and with any number") {
  for (const std::uint32_t id : {0x1301U, 0x1302U, 0x1303U}) {
    for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 16383U, 16384U}) {
      CAPTURE(id);
      CAPTURE(size);
      const TrafficSecret secret(Buffer(suite(id).secret_size, 9));
      const std::uint64_t number = 0xfedcba9876543210;
      RecordKey sealing(suite(id), secret, number);
      RecordKey opening(suite(id), secret, number);
      const Buffer content = some_bytes(size);
      Buffer record = sealed(sealing, 22, content);
      const auto opened = opening.open(record, MutableBytes(record).subspan(tls::header_size));
      REQUIRE(opened);
      CHECK(opened->type == 22);
      CHECK(opened->size == size);
      CHECK(std::ranges::equal(Bytes(record).subspan(tls::header_size, size), content));
    }
  }
}

TEST_CASE("Record: the last number is not used, as there would be none behind it") {
  RecordKey key(suite(0x1301), TrafficSecret(Buffer(32)), 0xffffffffffffffff);
  REQUIRE(key);
  Buffer record(tls::overhead);
  CHECK_FALSE(key.seal(tls::ContentType::alert, {}, record));
  CHECK(key.sequence() == 0xffffffffffffffff);
}

TEST_CASE("Record: one bit of it is another, or it is shorter") {
  const Buffer content = some_bytes(100);
  RecordKey sealing = key_of(suite(0x1302), 1);
  const Buffer record = sealed(sealing, 23, content);
  Buffer into(100);
  for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
    CAPTURE(bit);
    Buffer other = record;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1U << (bit % 8));
    CHECK_FALSE(key_of(suite(0x1302), 1).open(other, into));
  }
  for (std::size_t size = 0; size < record.size(); ++size) {
    CHECK_FALSE(key_of(suite(0x1302), 1).open(Bytes(record).first(size), into));
  }
  CHECK(key_of(suite(0x1302), 1).open(record, into));
  CHECK_FALSE(key_of(suite(0x1302), 2).open(record, into));
}

TEST_CASE("Record: padding is taken off, and nothing but padding has no type") {
  RecordKey sealing = key_of(suite(0x1301), 1);
  RecordKey opening = key_of(suite(0x1301), 1);
  Buffer into(16);
  const auto padded = sealed(sealing, 0, Buffer{1, 2, 0, 23, 0, 0});
  auto opened = opening.open(padded, into);
  REQUIRE(opened);
  CHECK(opened->type == 23);
  CHECK(opened->size == 3);
  const auto all_padding = sealed(sealing, 0, Buffer(5));
  opened = opening.open(all_padding, into);
  REQUIRE(opened);
  CHECK(opened->type == 0);
  CHECK(opened->size == 0);
}

TEST_CASE("Record key: the next one is another, and counts anew") {
  RecordKey sealing = key_of(suite(0x1303), 1);
  RecordKey opening = key_of(suite(0x1303), 1);
  const auto first = sealed(sealing, 23, Buffer{1});
  REQUIRE(sealing.update());
  CHECK(sealing.sequence() == 0);
  const auto second = sealed(sealing, 23, Buffer{1});
  Buffer into(1);
  CHECK(opening.open(first, into));
  REQUIRE(opening.update());
  CHECK(opening.open(second, into));
}

}  // namespace sluice::test
