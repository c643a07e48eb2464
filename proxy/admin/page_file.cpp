#include "proxy/admin/page_file.hpp"

#include <algorithm>

#include "proxy/admin/embedded.hpp"

namespace sluice::proxy::admin {
namespace {

std::string_view type_of(std::string_view path) {
  if (path.ends_with(".css")) return "text/css; charset=utf-8";
  if (path.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (path.ends_with(".svg")) return "image/svg+xml";
  return "text/html; charset=utf-8";
}

}  // namespace

std::optional<Response> page_file(std::string_view path) {
  if (path == "/") path = "/index.html";
  const auto found = std::find_if(embedded::page.begin(), embedded::page.end(),
                                  [path](const auto& file) { return file.path == path; });
  if (found == embedded::page.end()) return std::nullopt;
  return Response{200, std::string(type_of(path)), std::string(found->content), ""};
}

}  // namespace sluice::proxy::admin
