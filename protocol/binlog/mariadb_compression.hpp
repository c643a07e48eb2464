// What MariaDB compresses on its own: the statement of QUERY_COMPRESSED and the rows of the
// *_ROWS_COMPRESSED events (sql/log_event.cc, binlog_buf_uncompress), and the values of compressed
// columns (sql/field.cc, Field_longstr::uncompress).
#pragma once

#include <optional>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// How long `record`, the compressed part of an event, says to be without compression.
[[nodiscard]] std::optional<std::uint64_t> uncompressed_size(Bytes record);

/// The part without compression. Fails when it is damaged or longer than `limit`.
[[nodiscard]] std::optional<Buffer> uncompress_event_part(Bytes record, std::size_t limit);

/// The value of a compressed column without its length in front.
[[nodiscard]] std::optional<Buffer> uncompress_column(Bytes stored, std::size_t limit);

}  // namespace sluice::binlog
