// The beginning of what MariaDB has compressed: enough of a statement to judge it, however long it
// is and however little of the event has come.
#pragma once

#include <optional>

#include "protocol/bytes.hpp"
#include "protocol/compression_streams.hpp"

namespace sluice::binlog {

class TextInflater {
 public:
  struct Inflated {
    Bytes text;    ///< lasts until the next call
    bool whole;    ///< there is no more of it
    bool starved;  ///< more of it takes more of the record, and not a higher limit
  };

  /// `record` is the compressed part of an event, or the first bytes of it (`truncated`). Inflates
  /// `limit` bytes at most. Nothing: it is damaged, or of another length than it says.
  [[nodiscard]] std::optional<Inflated> inflate(Bytes record, bool truncated, std::size_t limit);

 private:
  InflateStream stream_;
  Buffer out_;
};

}  // namespace sluice::binlog
