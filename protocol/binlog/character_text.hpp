// Text columns in UTF-8, as far as their character set is known and can be translated.
#pragma once

#include <optional>
#include <string>

#include "protocol/bytes.hpp"

namespace sluice::binlog {

/// `stored` in the character set of a collation, given by its number. Nothing: it is no text, or in
/// a character set that is not translated here. Without a collation, what looks like UTF-8 is.
[[nodiscard]] std::optional<std::string> character_text(Bytes stored,
                                                        std::optional<std::uint32_t> collation);

}  // namespace sluice::binlog
