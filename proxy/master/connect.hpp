// Connecting to a host that may have several addresses.
#pragma once

#include <boost/system/result.hpp>
#include <memory>
#include <span>
#include <string>

#include "proxy/master/interrupt.hpp"

namespace sluice::proxy {

/// The first of the addresses, in their order, that answers until `deadline`; the connection keeps
/// that deadline. One that is silent takes its share of the time only, not that of those behind it.
/// The error is a phrase that begins with the last address that was tried.
[[nodiscard]] Task<boost::system::result<std::shared_ptr<Connection>, std::string>> connect(
    std::span<const boost::asio::ip::tcp::endpoint> addresses,
    std::chrono::steady_clock::time_point deadline, Interrupt& interrupt);

}  // namespace sluice::proxy
