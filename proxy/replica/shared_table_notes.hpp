// The table notes of a relay, safe from all threads. Asked for DDL and before a warning only.
#pragma once

#include <mutex>

#include "filters/requirements/table_notes.hpp"

namespace sluice::proxy {

class SharedTableNotes final : public filters::TableNotes {
 public:
  [[nodiscard]] filters::TableNames keyless() const override {
    const std::lock_guard lock(mutex_);
    return notes_.keyless();
  }
  void set_keyless(std::string_view name, bool keyless) override {
    const std::lock_guard lock(mutex_);
    notes_.set_keyless(name, keyless);
  }
  [[nodiscard]] bool first_complaint(About about, std::string_view name) override {
    const std::lock_guard lock(mutex_);
    return notes_.first_complaint(about, name);
  }

 private:
  mutable std::mutex mutex_;
  filters::OwnTableNotes notes_;
};

}  // namespace sluice::proxy
