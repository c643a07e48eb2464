// Owners of what libraries in C hand out.
#pragma once

#include <memory>

namespace sluice {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

/// An object of a library in C that is given back with `release`, the function for that.
template <typename T, auto release>
using ReleasedBy = std::unique_ptr<T, Release<release>>;

}  // namespace sluice
