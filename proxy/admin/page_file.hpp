// The page that shows what the admin interface tells, with the files that it loads.
#pragma once

#include <optional>
#include <string_view>

#include "proxy/admin/request.hpp"

namespace sluice::proxy::admin {

/// One of the files of page/; "/" is the page itself. nullopt: there is no such file.
[[nodiscard]] std::optional<Response> page_file(std::string_view path);

}  // namespace sluice::proxy::admin
