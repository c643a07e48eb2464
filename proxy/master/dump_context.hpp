// What a stream must know that begins within a group.
//
// In file and position mode a replica comes back at whatever event it had got to, also between a
// TABLE_MAP and its rows. What those rows belong to stands before that position only, so it is
// read from there, on a connection of its own, and nothing of it is sent.
#pragma once

#include <boost/system/result.hpp>
#include <functional>
#include <string>

#include "filters/stream/stream_filter.hpp"
#include "proxy/master/master_connection.hpp"

namespace sluice::proxy {

/// Why the state is not known, as one phrase.
struct NoContext {
  std::string reason;
  bool of_stream = false;  ///< something before the position cannot be judged: it never will be
};

/// Reads the file from its beginning up to `at` and tells the state of the stream there. `address`:
/// of the server whose stream it is; another one's file may be of that name. Takes as long as the
/// master needs to send so much, or until `interrupt`. `meanwhile` is called each time that
/// something has come.
[[nodiscard]] Task<boost::system::result<filters::GroupState, NoContext>> find_context(
    const MasterTarget& target, MasterConnection::Address address, const filters::TableRules& rules,
    const filters::Coordinates& at, Interrupt& interrupt,
    const std::function<Task<void>()>& meanwhile);

}  // namespace sluice::proxy
