// What the sessions of a relay know together about the tables of its master. Safe from all threads.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace sluice::filters {

/// "schema.table", as the master writes it. No more than this many are remembered, of each sort and
/// by each session: then nothing is added any more.
constexpr std::size_t max_noted_tables = 10'000;
using TableNames = std::set<std::string, std::less<>>;

/// false: there is no room for it, or it is there already.
inline bool note(TableNames& names, std::string_view name) {
  return names.size() < max_noted_tables && names.emplace(name).second;
}

class TableNotes {
 public:
  enum class About { primary_key, innodb };

  /// Those that were made without a primary key, as far as a session has seen it.
  [[nodiscard]] TableNames keyless() const {
    const std::lock_guard lock(mutex_);
    return keyless_;
  }
  void set_keyless(std::string_view name, bool keyless) {
    const std::lock_guard lock(mutex_);
    if (keyless) {
      note(keyless_, name);
    } else if (const auto known = keyless_.find(name); known != keyless_.end()) {
      keyless_.erase(known);
    }
  }

  /// Whether nobody has complained about this table yet.
  [[nodiscard]] bool first_complaint(About about, std::string_view name) {
    const std::lock_guard lock(mutex_);
    return note(about == About::primary_key ? told_of_key_ : told_of_engine_, name);
  }

 private:
  mutable std::mutex mutex_;
  TableNames keyless_;
  TableNames told_of_key_;
  TableNames told_of_engine_;
};

}  // namespace sluice::filters
