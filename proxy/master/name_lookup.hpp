// Looking up the addresses of a host.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "proxy/master/interrupt.hpp"

namespace sluice::proxy {

using Addresses = boost::asio::ip::tcp::resolver::results_type;

/// The addresses of a host, or why there are none. The system's resolver (getaddrinfo(3)) takes as
/// long as it wants where a name server does not answer: after `timeout` it is left to itself, and
/// neither this nor the end of the program waits for it. So it is when `interrupt` is raised, which
/// like `host` must outlive the call. An address is not looked up.
[[nodiscard]] Task<boost::system::result<Addresses, std::string>> look_up(
    const std::string& host, std::uint16_t port, std::chrono::steady_clock::duration timeout,
    Interrupt& interrupt);

}  // namespace sluice::proxy
