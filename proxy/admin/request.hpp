// What the admin interface is asked and answers, without the ways of HTTP.
#pragma once

#include <optional>
#include <string>

namespace sluice::proxy::admin {

struct Request {
  std::string method;
  std::string path;  ///< without what stands behind '?'; nothing here has to be decoded
  std::string host;  ///< of the header
  std::optional<std::string> origin;
  std::string authorization;
  std::string query{};  ///< what stands behind '?', as it came
  std::string peer{};   ///< address and port
};

struct Response {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::string allow;     ///< for 405: the methods that would do
  std::string reason{};  ///< of an error, as the body has it

  /// `{"error": "..."}`
  [[nodiscard]] static Response error(unsigned status, std::string_view text);
};

}  // namespace sluice::proxy::admin
