#include "proxy/tap/table_maps.hpp"

#include <algorithm>
#include <optional>

#include "protocol/binlog/rows_event.hpp"

namespace sluice::proxy::tap {
namespace {

/// Of one statement: hundreds of tables.
constexpr std::size_t max_bytes = std::size_t{256} << 10;

/// The table's number stands first in both, and the flags behind it.
std::optional<binlog::RowsPrefix> prefix_of(const filters::SeenEvent& seen) {
  return binlog::parse_rows_prefix(seen.event.subspan(binlog::event_header_size));
}

}  // namespace

void TableMaps::see(const filters::SeenEvent& seen) {
  const bool is_map = seen.header.type == binlog::EventType::table_map;
  if (!is_map && !binlog::rows_layout(seen.header.type)) return;
  const auto prefix = prefix_of(seen);
  if (!prefix) return;
  if (!is_map) {
    statement_ended_ = prefix->ends_statement();
    return;
  }
  if (statement_ended_ || bytes_ + seen.event.size() > max_bytes) clear();
  if (seen.event.size() > max_bytes) return;
  bytes_ += seen.event.size();
  maps_.push_back(
      {prefix->table_id, std::make_shared<const Buffer>(seen.event.begin(), seen.event.end())});
}

void TableMaps::clear() {
  maps_.clear();
  bytes_ = 0;
  statement_ended_ = false;
}

std::shared_ptr<const Buffer> TableMaps::find(const filters::SeenEvent& seen) const {
  const auto prefix = prefix_of(seen);
  if (!prefix) return nullptr;
  // The last one counts, should a number have been given twice.
  const auto map = std::find_if(maps_.rbegin(), maps_.rend(),
                                [&](const auto& one) { return one.table_id == prefix->table_id; });
  return map == maps_.rend() ? nullptr : map->event;
}

}  // namespace sluice::proxy::tap
