// What is told over one WebSocket, without the ways of WebSocket.
#pragma once

#include <string>

#include "proxy/config/config.hpp"

namespace sluice::proxy::admin {

/// Used on the admin thread only. It is asked for what has come since it was asked before, and not
/// before that has been written: a peer that reads slowly is told less often, and nothing piles up.
class Feed {
 public:
  struct Message {
    std::string content;   ///< empty: nothing has come
    bool binary = false;   ///< bytes; else it is UTF-8
    bool last = false;     ///< nothing comes behind it
    std::string reason{};  ///< why it is the last, in a few words
  };

  Feed() = default;
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  virtual ~Feed() = default;

  [[nodiscard]] virtual Message next() = 0;
  /// How long to wait before it is asked again.
  [[nodiscard]] virtual Duration pause() const = 0;
};

}  // namespace sluice::proxy::admin
