// Where does the answer to a COM_QUERY end? Lets an answer be forwarded verbatim.
#pragma once

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"

namespace sluice::wire {

/// Fed with whole payloads of one answer:
///
///     answer := OK | ERR | result-set
///     result-set := column-count column+ EOF? row* (EOF | OK | ERR)
///
/// The EOF behind the columns is not there with DEPRECATE_EOF. Behind an OK or EOF that has
/// MORE_RESULTS another answer follows. A request for a local file (0xFB) is malformed: LOCAL_FILES
/// is never in force.
class ResponseReader {
 public:
  enum class Progress { more, complete, malformed };
  enum class Part { ok, error, column_count, column, columns_end, row, rows_end };

  explicit ResponseReader(Capabilities capabilities) : capabilities_(capabilities) {}

  /// After `complete` the reader is ready for the answer to the next query; `malformed` is final.
  [[nodiscard]] Progress feed(Bytes payload);

  /// What the payload fed last was. Meaningless after `malformed`.
  [[nodiscard]] Part last_part() const { return part_; }

 private:
  enum class State { first, columns, columns_end, rows, broken };

  Progress first(Bytes payload);
  Progress row_or_end(Bytes payload);
  Progress after_ok(Bytes payload, std::uint8_t header);
  Progress after_err(Bytes payload);
  Progress ended(std::uint16_t status);
  Progress broken();

  Capabilities capabilities_;
  State state_ = State::first;
  Part part_ = Part::ok;
  std::uint64_t columns_ = 0;
  std::uint64_t columns_seen_ = 0;
};

}  // namespace sluice::wire
