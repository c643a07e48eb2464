// The TABLE_MAPs of the row statement under way, as its row events are read by them.
#pragma once

#include <memory>
#include <vector>

#include "filters/stream/event_observer.hpp"

namespace sluice::proxy::tap {

class TableMaps {
 public:
  /// Takes note of TABLE_MAPs, and of row events that end a statement.
  void see(const filters::SeenEvent& seen);
  /// Events have not been seen: what is known may be out of date.
  void clear();
  /// The TABLE_MAP of a row event; null: it has not been seen, or is too large.
  [[nodiscard]] std::shared_ptr<const Buffer> find(const filters::SeenEvent& seen) const;

 private:
  struct Map {
    std::uint64_t table_id = 0;
    std::shared_ptr<const Buffer> event;  // shared with the copies of its row events
  };

  std::vector<Map> maps_;
  std::size_t bytes_ = 0;
  bool statement_ended_ = false;
};

}  // namespace sluice::proxy::tap
