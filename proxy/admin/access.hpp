// Who may ask what.
//
// Without a token only this machine is served, and a page of elsewhere must not get at it through a
// browser here: neither under another name that leads to a loopback address (Host), nor from a page
// of another origin (Origin). With a token the token decides; a foreign page does not have it.
#pragma once

#include "proxy/admin/request.hpp"
#include "proxy/config/config.hpp"

namespace sluice::proxy::admin {

/// nullopt: it may. `is_open`: what is asked for tells nothing, and needs no token.
[[nodiscard]] std::optional<Response> refuse(const Request& request, const AdminConfig& config,
                                             bool is_open);

/// Whether it shows the token that is wanted. Nobody does where none is.
[[nodiscard]] bool is_known(const Request& request, const AdminConfig& config);

}  // namespace sluice::proxy::admin
