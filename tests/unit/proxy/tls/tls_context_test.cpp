#include "proxy/tls/context_certificates.hpp"

#include <doctest/doctest.h>

#include <ctime>

#include "unit/proxy/temp_folder.hpp"
#include "unit/proxy/tls/self_signed.hpp"

using namespace sluice::proxy;
using sluice::test::Certificate;
using sluice::test::Key;
using sluice::test::make_certificate;
using sluice::test::pem;
using sluice::test::TempFolder;

namespace {

/// Sluice's certificate as a replica sees it, and the files it comes from.
struct Files {
  TempFolder folder;
  Key key{EVP_EC_gen("P-256")};
  std::string one = pem(make_certificate(*key, -60, 60).get(), nullptr);
  std::string another = pem(make_certificate(*key, -60, 120).get(), nullptr);

  Files() {
    folder.write("cert", one);
    folder.write("key", pem(nullptr, key.get()));
    folder.write("ca", one);
  }

  [[nodiscard]] boost::system::result<TlsContext, TlsProblem> make() const {
    ReplicaTls tls;
    tls.cert = folder.file("cert");
    tls.key = folder.file("key");
    tls.client_ca = folder.file("ca");
    return make_tls_context(tls);
  }
  [[nodiscard]] std::string error() const {
    const auto made = make();
    return made ? "" : folder.neutral(made.error().text);
  }
  [[nodiscard]] TlsFault fault() const {
    const auto made = make();
    REQUIRE_FALSE(made.has_value());
    return made.error().fault;
  }
};

}  // namespace

TEST_CASE("what certificates are shown and trusted can be compared") {
  const Files files;
  const TlsContext before = *files.make();
  CHECK(is_same_certificate(before, *files.make()));
  CHECK(is_same_trust(before, *files.make()));

  files.folder.write("cert", files.one + files.another);
  const TlsContext chain = *files.make();
  CHECK_FALSE(is_same_certificate(before, chain));
  CHECK(is_same_certificate(chain, *files.make()));
  CHECK(is_same_trust(before, chain));

  files.folder.write("cert", files.another);
  CHECK_FALSE(is_same_certificate(before, *files.make()));

  files.folder.write("cert", files.one);
  files.folder.write("ca", files.another);
  CHECK(is_same_certificate(before, *files.make()));
  CHECK_FALSE(is_same_trust(before, *files.make()));
  files.folder.write("ca", files.one + files.another);
  const TlsContext both = *files.make();
  CHECK_FALSE(is_same_trust(before, both));
  files.folder.write("ca", files.another + files.one);
  CHECK(is_same_trust(both, *files.make()));
  CHECK(trusts_all_of(both, before));
  CHECK_FALSE(trusts_all_of(before, both));
  CHECK(trusts_all_of(both, *files.make()));
  CHECK(trusts_all_of(before, nullptr));
  CHECK_FALSE(trusts_all_of(nullptr, before));

  CHECK(is_same_certificate(nullptr, nullptr));
  CHECK(is_same_trust(nullptr, nullptr));
  CHECK_FALSE(is_same_certificate(before, nullptr));
  CHECK_FALSE(is_same_trust(nullptr, before));
}

TEST_CASE("a certificate that is not valid now, or soon will not be, is a problem") {
  const Files files;
  constexpr long day = 86'400;
  const auto problem = [&](long begin, long end) {
    files.folder.write("cert", pem(make_certificate(*files.key, begin, end).get(), nullptr));
    return certificate_problem(*files.make());
  };
  CHECK(problem(-day, 15 * day).empty());
  CHECK(problem(-day, 13 * day) == "it expires within two weeks");
  CHECK(problem(-2 * day, -day) == "it has expired");
  CHECK(problem(day, 100 * day) == "it is not valid yet");
  CHECK(certificate_problem(nullptr).empty());
}

TEST_CASE("what is sent with a certificate is looked at, too") {
  const Files files;
  constexpr long day = 86'400;
  const Key issuers(EVP_EC_gen("P-256"));
  const auto load = [&](long own, long begin, long issuer) {
    files.folder.write(
        "cert", pem(make_certificate(*files.key, -9 * day, own, "own").get(), nullptr) +
                    pem(make_certificate(*issuers, begin, issuer, "between").get(), nullptr) +
                    pem(make_certificate(*issuers, -9 * day, 900 * day, "root").get(), nullptr));
    return *files.make();
  };
  const auto problem = [&](long own, long begin, long issuer) {
    return certificate_problem(load(own, begin, issuer));
  };
  CHECK(problem(15 * day, -9 * day, 15 * day).empty());
  CHECK(problem(90 * day, -9 * day, -day) == "CN=between, which is sent along, has expired");
  CHECK(problem(13 * day, -9 * day, -day) == "CN=between, which is sent along, has expired");
  CHECK(problem(13 * day, -9 * day, 90 * day) == "it expires within two weeks");
  CHECK(problem(90 * day, -9 * day, 13 * day) ==
        "CN=between, which is sent along, expires within two weeks");
  CHECK(problem(90 * day, day, 90 * day) == "CN=between, which is sent along, is not valid yet");

  const auto days_left = [&](long own, long issuer) {
    const std::int64_t left =
        certificate_expiry(load(own, -9 * day, issuer)).value() - std::time(nullptr);
    return (left + day / 2) / day;
  };
  CHECK(days_left(90 * day, 40 * day) == 40);
  CHECK(days_left(40 * day, 90 * day) == 40);
  CHECK(days_left(90 * day, -2 * day) == -1);  // rounded
  CHECK_FALSE(certificate_expiry(nullptr).has_value());
}

TEST_CASE("authorities are a problem when the last of them expires") {
  const Files files;
  constexpr long day = 86'400;
  const auto problem = [&](long one, long another) {
    files.folder.write(
        "ca",
        pem(make_certificate(*files.key, -9 * day, one, "one").get(), nullptr) +
            pem(make_certificate(*Key(EVP_EC_gen("P-256")), -9 * day, another, "another").get(),
                nullptr));
    return authorities_problem(*files.make());
  };
  CHECK(problem(-day, 15 * day).empty());
  CHECK(problem(15 * day, -day).empty());
  CHECK(problem(-2 * day, -day) == "CN=another, the last of them to expire, has expired");
  CHECK(problem(13 * day, -day) == "CN=one, the last of them to expire, expires within two weeks");
  CHECK(authorities_problem(nullptr).empty());
  ReplicaTls without;
  without.cert = files.folder.file("cert");
  without.key = files.folder.file("key");
  CHECK(authorities_problem(*make_tls_context(without)).empty());
}

TEST_CASE(
    "replicas are offered ciphers with forward secrecy, unless TLS older than 1.2 is allowed") {
  const Files files;
  const auto offers = [&](TlsVersion min_version, const std::string& name) {
    ReplicaTls tls;
    tls.cert = files.folder.file("cert");
    tls.key = files.folder.file("key");
    tls.min_version = min_version;
    const TlsContext context = *make_tls_context(tls);
    const auto* const ciphers = SSL_CTX_get_ciphers(context.get());
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
      if (SSL_CIPHER_get_name(sk_SSL_CIPHER_value(ciphers, i)) == name) return true;
    }
    return false;
  };
  for (const char* name :
       {"TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    CAPTURE(name);
    CHECK(offers(TlsVersion::tls_1_2, name));
    CHECK(offers(TlsVersion::tls_1_0, name));
  }
  for (const char* name :
       {"AES128-SHA", "AES256-SHA", "AES256-GCM-SHA384", "ECDHE-RSA-AES128-SHA"}) {
    CAPTURE(name);
    CHECK_FALSE(offers(TlsVersion::tls_1_2, name));
    CHECK(offers(TlsVersion::tls_1_0, name));
  }
}

TEST_CASE("why a file of certificates cannot be used") {
  const Files files;
  CHECK(files.error().empty());

  files.folder.write("cert", "a certificate\n");
  CHECK(files.error() ==
        "certificate DIR/cert cannot be used: there is none in it, in PEM (-----BEGIN ...)");
  files.folder.write("cert", pem(nullptr, files.key.get()));
  CHECK(files.error() ==
        "certificate DIR/cert cannot be used: there is none in it, in PEM (-----BEGIN ...)");
  CHECK(files.fault() == TlsFault::unusable_file);
  const Key small(EVP_RSA_gen(512));
  files.folder.write("cert", pem(make_certificate(*small, -60, 60).get(), nullptr));
  CHECK(files.error() == "certificate DIR/cert cannot be used: ee key too small");
  CHECK(files.fault() == TlsFault::too_weak);
  files.folder.write("cert", files.one);

  const sluice::OpensslPtr<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
  std::string password = "secret";
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(bio.get(), files.key.get(), EVP_aes_256_cbc(),
                                        password.data(), static_cast<int>(password.size()), nullptr,
                                        nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  files.folder.write("key", {text, static_cast<std::size_t>(size)});
  CHECK(files.error() ==
        "private key DIR/key is encrypted: Sluice needs it without a password (openssl pkey makes "
        "such a copy)");
  CHECK(files.fault() == TlsFault::encrypted_key);
  files.folder.write("key", files.one);
  CHECK(files.error() ==
        "private key DIR/key cannot be used: there is none in it, in PEM (-----BEGIN ...)");
  CHECK(files.fault() == TlsFault::unusable_key);
  files.folder.write("key", pem(nullptr, Key(EVP_EC_gen("P-256")).get()));
  CHECK(files.error() == "private key DIR/key does not belong to certificate DIR/cert");
  CHECK(files.fault() == TlsFault::key_of_another);
  files.folder.write("key", pem(nullptr, files.key.get()));

  const std::string issuer =
      pem(make_certificate(*Key(EVP_EC_gen("P-256")), -60, 60).get(), nullptr);
  files.folder.write("cert", issuer + files.one);
  CHECK(files.error() ==
        "certificates DIR/cert are in the wrong order: that of private key DIR/key comes first, "
        "and behind each one the one that issued it");
  CHECK(files.fault() == TlsFault::wrong_order);
  files.folder.write("cert", files.one + issuer);
  CHECK(files.error().empty());

  files.folder.write("ca", "");
  CHECK(files.error().starts_with("CA file DIR/ca cannot be used: "));
  CHECK(files.fault() == TlsFault::unusable_file);
}
