#pragma once

#include "protocol/released_by.hpp"

namespace sluice {

/// An object of OpenSSL's that is given back with `release`, the function it has for that.
template <typename T, auto release>
using OpensslPtr = ReleasedBy<T, release>;

}  // namespace sluice
