// /api/v1/tap: what is tapped, over a WebSocket.
#pragma once

#include <memory>
#include <variant>

#include "proxy/admin/routes.hpp"

namespace sluice::proxy::admin {

/// The request's query says what to show. Text and JSON come as text messages of whole lines,
/// pcapng as binary ones, and what was lost there as a text message.
[[nodiscard]] std::variant<Response, std::unique_ptr<Feed>> open_tap(const Request& request,
                                                                     const Knowledge& knowledge);

}  // namespace sluice::proxy::admin
