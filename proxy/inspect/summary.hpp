// What a run over files found, in numbers and names.
#pragma once

#include <map>
#include <vector>

#include "filters/requirements/requirements.hpp"
#include "proxy/events/event_record.hpp"
#include "proxy/events/output.hpp"

namespace sluice::proxy::inspect {

class Summary {
 public:
  Summary();
  Summary(const Summary&) = delete;
  Summary& operator=(const Summary&) = delete;
  ~Summary() = default;

  void begin_file();
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const {
    return watch_.bytes_wanted(header);
  }
  void add(const events::EventRecord& record);
  /// The transaction under way is over, if there is one: what follows is of another.
  void end_transaction();

  void print_text(events::Output& out) const;
  void print_json(events::Output& out) const;

 private:
  struct Count {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;  ///< in the files: those of events in a payload are the payload's
  };
  struct Transaction {
    std::string file;
    std::uint64_t position = 0;
    std::string gtid;
    Count count;
  };
  void follow_transaction(const events::EventRecord& record);
  void note(const filters::TableComplaint& complaint);

  std::uint64_t files_ = 0;
  std::uint64_t groups_ = 0;
  std::uint32_t first_time_ = 0;
  std::uint32_t last_time_ = 0;
  Count all_;
  std::map<std::string_view, Count> dropped_;  // by rule
  filters::RequirementsWatch watch_;
  filters::TableNames without_key_;
  std::map<std::string, std::string> engines_;  // of tables that are not InnoDB's
  Transaction current_;
  std::vector<Transaction> largest_;  // the largest first
};

}  // namespace sluice::proxy::inspect
