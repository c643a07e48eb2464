// Files that are served as they are, made part of the program by CMakeLists.txt.
#pragma once

#include <span>
#include <string_view>

namespace sluice::proxy::admin::embedded {

extern const std::string_view openapi;

struct File {
  std::string_view path;  ///< that it is served at
  std::string_view content;
};
/// The page and what it loads: all of page/.
extern const std::span<const File> page;

}  // namespace sluice::proxy::admin::embedded
