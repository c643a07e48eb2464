// What the sessions of a relay know together about the tables of its master.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace sluice::filters {

/// As table_text() has them. No more than this many are remembered, of each sort and
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

  TableNotes() = default;
  TableNotes(const TableNotes&) = delete;
  TableNotes& operator=(const TableNotes&) = delete;
  virtual ~TableNotes() = default;

  /// Those that were made without a primary key, as far as a session has seen it.
  [[nodiscard]] virtual TableNames keyless() const = 0;
  virtual void set_keyless(std::string_view name, bool keyless) = 0;
  /// Whether nobody has complained about this table yet.
  [[nodiscard]] virtual bool first_complaint(About about, std::string_view name) = 0;
};

/// For one thread.
class OwnTableNotes final : public TableNotes {
 public:
  [[nodiscard]] TableNames keyless() const override { return keyless_; }
  void set_keyless(std::string_view name, bool keyless) override {
    if (keyless) {
      note(keyless_, name);
    } else if (const auto known = keyless_.find(name); known != keyless_.end()) {
      keyless_.erase(known);
    }
  }
  [[nodiscard]] bool first_complaint(About about, std::string_view name) override {
    return note(about == About::primary_key ? told_of_key_ : told_of_engine_, name);
  }

 private:
  TableNames keyless_;
  TableNames told_of_key_;
  TableNames told_of_engine_;
};

}  // namespace sluice::filters
