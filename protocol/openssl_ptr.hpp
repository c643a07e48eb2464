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

/// An object of OpenSSL's that is given back with `release`, the function it has for that.
template <typename T, auto release>
using OpensslPtr = std::unique_ptr<T, Release<release>>;

}  // namespace sluice
