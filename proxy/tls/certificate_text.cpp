#include "proxy/tls/certificate_text.hpp"

#include "protocol/openssl_ptr.hpp"

namespace sluice::proxy {

std::string memory_of(BIO& out) {
  char* text = nullptr;
  const long size = BIO_ctrl(&out, BIO_CTRL_INFO, 0, &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::string name_text(const X509_NAME* name) {
  const OpensslPtr<BIO, BIO_free> out(BIO_new(BIO_s_mem()));
  if (!out) return {};
  constexpr unsigned long form =
      XN_FLAG_SEP_CPLUS_SPC | ASN1_STRFLGS_UTF8_CONVERT | ASN1_STRFLGS_ESC_CTRL;
  X509_NAME_print_ex(out.get(), name, 0, form);
  return memory_of(*out);
}

}  // namespace sluice::proxy
