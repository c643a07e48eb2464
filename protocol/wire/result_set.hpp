// Result sets of the text protocol (sql/protocol_classic.cc).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"
#include "protocol/wire/response.hpp"
#include "protocol/wire/response_reader.hpp"

namespace sluice::wire {

struct ColumnDefinition {
  std::string schema;
  std::string table;
  std::string org_table;
  std::string name;
  std::string org_name;
  std::uint16_t charset = 0;
  std::uint32_t length = 0;  // bytes
  std::uint8_t type = 0;     // include/field_types.h
  std::uint16_t flags = 0;
  std::uint8_t decimals = 0;
  friend bool operator==(const ColumnDefinition&, const ColumnDefinition&) = default;
};

using Row = std::vector<std::optional<std::string>>;  // nullopt: NULL

struct ResultSet {
  std::vector<ColumnDefinition> columns;
  std::vector<Row> rows;
  friend bool operator==(const ResultSet&, const ResultSet&) = default;
};

[[nodiscard]] std::optional<ColumnDefinition> parse_column_definition(Bytes payload);

[[nodiscard]] std::optional<Row> parse_row(Bytes payload, std::size_t columns);

/// Collects the answer to one query payload by payload: OK, ERR or the first result set.
class AnswerCollector {
 public:
  /// `limit`: bytes of all payloads together that are accepted; more counts as malformed.
  AnswerCollector(Capabilities capabilities, std::size_t limit)
      : reader_(capabilities), budget_(limit) {}

  [[nodiscard]] ResponseReader::Progress feed(Bytes payload);

  /// After `complete`: the server's error, if that was the answer.
  [[nodiscard]] const std::optional<ErrPacket>& error() const { return error_; }
  /// After `complete`: empty (no columns) if the answer was OK or ERR.
  [[nodiscard]] const ResultSet& result_set() const { return set_; }

 private:
  [[nodiscard]] bool collect(Bytes payload);

  ResponseReader reader_;
  std::size_t budget_;
  std::optional<ErrPacket> error_;
  ResultSet set_;
  bool first_set_ended_ = false;
};

}  // namespace sluice::wire
