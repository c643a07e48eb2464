#include "proxy/tls_context.hpp"

#include <doctest/doctest.h>

#include "self_signed.hpp"
#include "temp_folder.hpp"

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

  [[nodiscard]] boost::system::result<TlsContext, std::string> make() const {
    ReplicaTls tls;
    tls.cert = folder.file("cert");
    tls.key = folder.file("key");
    tls.client_ca = folder.file("ca");
    return make_tls_context(tls);
  }
  [[nodiscard]] std::string error() const {
    const auto made = make();
    return made ? "" : folder.neutral(made.error());
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

  CHECK(is_same_certificate(nullptr, nullptr));
  CHECK(is_same_trust(nullptr, nullptr));
  CHECK_FALSE(is_same_certificate(before, nullptr));
  CHECK_FALSE(is_same_trust(nullptr, before));
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
  files.folder.write("key", files.one);
  CHECK(files.error() ==
        "private key DIR/key cannot be used: there is none in it, in PEM (-----BEGIN ...)");
  files.folder.write("key", pem(nullptr, Key(EVP_EC_gen("P-256")).get()));
  CHECK(files.error() == "private key DIR/key does not belong to certificate DIR/cert");
  files.folder.write("key", pem(nullptr, files.key.get()));

  files.folder.write("ca", "");
  CHECK(files.error().starts_with("CA file DIR/ca cannot be used: "));
}
