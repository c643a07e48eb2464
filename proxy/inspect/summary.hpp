// What a run over files found, in numbers and names.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "proxy/inspect/event_record.hpp"
#include "proxy/inspect/output.hpp"

namespace sluice::proxy::inspect {

class Summary {
 public:
  void begin_file();
  void add(const EventRecord& record);
  /// The file is over, and its last transaction.
  void end_file();

  void print_text(Output& out) const;
  void print_json(Output& out) const;

 private:
  struct Count {
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
  };
  struct Transaction {
    std::string file;
    std::uint64_t position = 0;
    std::string gtid;
    Count count;
  };
  /// Names that are told; so many at most, the rest is counted.
  struct Names {
    void add(const std::string& name);
    std::set<std::string> names;
    bool more = false;
  };

  void follow_transaction(const EventRecord& record);
  void end_transaction();
  void print_names(Output& out, std::string_view title, const Names& names) const;

  std::uint64_t files_ = 0;
  std::uint64_t groups_ = 0;
  std::uint32_t first_time_ = 0;
  std::uint32_t last_time_ = 0;
  Count all_;
  std::map<std::string_view, Count> dropped_;  // by rule
  Names without_key_;
  Transaction current_;
  std::vector<Transaction> largest_;  // the largest first
};

}  // namespace sluice::proxy::inspect
