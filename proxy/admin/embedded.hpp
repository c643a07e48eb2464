// Files that are served as they are, made part of the program by CMakeLists.txt.
#pragma once

#include <string_view>

namespace sluice::proxy::admin::embedded {

extern const std::string_view openapi;

}  // namespace sluice::proxy::admin::embedded
