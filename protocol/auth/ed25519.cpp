// Ed25519 hashes a seed of 32 bytes into the key; MariaDB hashes the password there, whatever its
// length, so OpenSSL's own Ed25519 fits only passwords of exactly 32 bytes. What is left is little:
// two multiplications of the base point and S = r + h * a. The curve has the Weierstrass form that
// EC_GROUP wants (Wei25519, IETF draft-ietf-lwig-curve-representations, appendix E), where
// EC_POINT_mul of the generator is OpenSSL's constant-time ladder. Scalars are BIGNUMs marked
// BN_FLG_CONSTTIME, whose products and remainders take a time that depends on their sizes only. The
// conversion to the Edwards form handles nothing but R and A, which are public.
#include "protocol/auth/ed25519.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include <new>

#include "protocol/auth/digest.hpp"
#include "protocol/openssl_ptr.hpp"

namespace sluice::auth {

namespace {

using Number = OpensslPtr<BIGNUM, BN_clear_free>;
using Context = OpensslPtr<BN_CTX, BN_CTX_free>;
using Group = OpensslPtr<EC_GROUP, EC_GROUP_free>;
using Point = OpensslPtr<EC_POINT, EC_POINT_clear_free>;

/// Everything here can fail for want of memory only.
void require(bool done) {
  if (!done) throw std::bad_alloc();
}

Number from_hex_digits(const char* digits) {
  BIGNUM* number = nullptr;
  require(BN_hex2bn(&number, digits) != 0);
  return Number(number);
}

Number new_number() {
  Number number(BN_new());
  require(number != nullptr);
  return number;
}

Number secret_number(std::string_view little_endian) {
  Number number(BN_lebin2bn(reinterpret_cast<const unsigned char*>(little_endian.data()),
                            static_cast<int>(little_endian.size()), nullptr));
  require(number != nullptr);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

std::array<std::uint8_t, 32> to_bytes(const Number& number) {
  std::array<std::uint8_t, 32> bytes{};
  require(BN_bn2lebinpad(number.get(), bytes.data(), static_cast<int>(bytes.size())) >= 0);
  return bytes;
}

class Curve {
 public:
  Curve();
  /// The base point times the scalar, as the 32 bytes of RFC 8032.
  [[nodiscard]] Ed25519PublicKey multiply(const Number& scalar) const;
  /// (r + h * a) modulo the order of the base point.
  [[nodiscard]] std::array<std::uint8_t, 32> respond(const Number& r, const Number& h,
                                                     const Number& a) const;
  [[nodiscard]] Number reduce(const Number& number) const;

 private:
  [[nodiscard]] Ed25519PublicKey to_edwards(const Number& x, const Number& y,
                                            BN_CTX* context) const;

  Number p_ = from_hex_digits("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
  Number order_ =
      from_hex_digits("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
  // Montgomery's u is Weierstrass' x minus this, a third of 486662.
  Number shift_ =
      from_hex_digits("2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaad2451");
  // The square root of -486664: Edwards' x is this times u / v.
  Number root_ =
      from_hex_digits("0f26edf460a006bbd27b08dc03fc4f7ec5a1d3d14b7d1a82cc6e04aaff457e06");
  Group group_;
};

Context new_context() {
  Context context(BN_CTX_secure_new());
  require(context != nullptr);
  return context;
}

Curve::Curve() {
  const Context context = new_context();
  const auto a =
      from_hex_digits("2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa984914a144");
  const auto b =
      from_hex_digits("7b425ed097b425ed097b425ed097b425ed097b425ed097b4260b5e9c7710c864");
  const auto x =
      from_hex_digits("2aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaad245a");
  const auto y =
      from_hex_digits("5f51e65e475f794b1fe122d388b72eb36dc2b28192839e4dd6163a5d81312c14");
  const auto cofactor = from_hex_digits("8");
  group_.reset(EC_GROUP_new_curve_GFp(p_.get(), a.get(), b.get(), context.get()));
  require(group_ != nullptr);
  const Point base(EC_POINT_new(group_.get()));
  require(base && EC_POINT_set_affine_coordinates(group_.get(), base.get(), x.get(), y.get(),
                                                  context.get()) == 1);
  require(EC_GROUP_set_generator(group_.get(), base.get(), order_.get(), cofactor.get()) == 1);
}

Ed25519PublicKey Curve::multiply(const Number& scalar) const {
  const Context context = new_context();
  const Point point(EC_POINT_new(group_.get()));
  const Number x = new_number();
  const Number y = new_number();
  require(point && EC_POINT_mul(group_.get(), point.get(), scalar.get(), nullptr, nullptr,
                                context.get()) == 1);
  require(EC_POINT_get_affine_coordinates(group_.get(), point.get(), x.get(), y.get(),
                                          context.get()) == 1);
  return to_edwards(x, y, context.get());
}

Ed25519PublicKey Curve::to_edwards(const Number& x, const Number& y, BN_CTX* context) const {
  const BIGNUM* p = p_.get();
  const Number u = new_number();
  const Number above = new_number();
  const Number below = new_number();
  const Number result = new_number();
  require(BN_mod_sub(u.get(), x.get(), shift_.get(), p, context) == 1);

  // x = root * u / v
  require(BN_mod_inverse(below.get(), y.get(), p, context) != nullptr);
  require(BN_mod_mul(above.get(), root_.get(), u.get(), p, context) == 1);
  require(BN_mod_mul(result.get(), above.get(), below.get(), p, context) == 1);
  const bool odd = BN_is_odd(result.get()) == 1;

  // y = (u - 1) / (u + 1)
  require(BN_mod_sub(above.get(), u.get(), BN_value_one(), p, context) == 1);
  require(BN_mod_add(below.get(), u.get(), BN_value_one(), p, context) == 1);
  require(BN_mod_inverse(below.get(), below.get(), p, context) != nullptr);
  require(BN_mod_mul(result.get(), above.get(), below.get(), p, context) == 1);

  auto bytes = to_bytes(result);
  if (odd) bytes[31] |= 0x80;
  return bytes;
}

std::array<std::uint8_t, 32> Curve::respond(const Number& r, const Number& h,
                                            const Number& a) const {
  const Context context = new_context();
  const Number product = secret_number({});
  const Number sum = secret_number({});
  require(BN_mod_mul(product.get(), h.get(), a.get(), order_.get(), context.get()) == 1);
  require(BN_mod_add(sum.get(), r.get(), product.get(), order_.get(), context.get()) == 1);
  return to_bytes(sum);
}

Number Curve::reduce(const Number& number) const {
  const Context context = new_context();
  Number result = secret_number({});
  require(BN_nnmod(result.get(), number.get(), order_.get(), context.get()) == 1);
  return result;
}

const Curve& curve() {
  static const Curve instance;
  return instance;
}

/// The password's key: the scalar, and the bytes that make nonces.
struct PrivateKey {
  explicit PrivateKey(const Secret& password) {
    auto bytes = sha512({password.reveal()});
    bytes[0] &= 248;
    bytes[31] = static_cast<std::uint8_t>((bytes[31] & 63) | 64);
    scalar = secret_number(view(bytes).substr(0, 32));
    prefix = Secret(view(bytes).substr(32));
    OPENSSL_cleanse(bytes.data(), bytes.size());
  }
  Number scalar;
  Secret prefix;
};

}  // namespace

Ed25519PublicKey ed25519_public_key(const Secret& password) {
  return curve().multiply(PrivateKey(password).scalar);
}

std::string ed25519_sign(const Secret& password, std::string_view nonce) {
  const PrivateKey key(password);
  auto r_bytes = sha512({key.prefix.reveal(), nonce});
  const Number r = curve().reduce(secret_number(view(r_bytes)));
  OPENSSL_cleanse(r_bytes.data(), r_bytes.size());
  const auto public_key = curve().multiply(key.scalar);
  const auto commitment = curve().multiply(r);
  const auto h =
      curve().reduce(secret_number(view(sha512({view(commitment), view(public_key), nonce}))));
  const auto response = curve().respond(r, h, key.scalar);
  return std::string(view(commitment)) + std::string(view(response));
}

}  // namespace sluice::auth
