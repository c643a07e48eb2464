// A run over binlog files: each event through the same filter as in the relay.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "filters/requirements/requirements.hpp"
#include "filters/rules/table_rules.hpp"
#include "filters/stream/group_state.hpp"
#include "filters/stream/payload_limit.hpp"
#include "proxy/events/event_printer.hpp"
#include "proxy/inspect/progress.hpp"
#include "proxy/inspect/summary.hpp"

namespace sluice::proxy::inspect {

class NewFile;
class PeekableSource;

struct InspectionOptions {
  std::vector<std::string> files;  ///< "-" is the standard input
  events::PrintOptions print;
  bool summary = false;  ///< in the place of the events' lines
  std::string write_to;  ///< the filtered file; with one file only
  ProgressStyle progress = ProgressStyle::none;
  filters::TableRules rules;
  /// As the variable of a MySQL master, whose binlog does not tell it. A MariaDB needs none.
  unsigned lower_case_table_names = 0;
  /// Only what a relay would stop at is looked for.
  filters::TableRequirements requirements{filters::Reaction::ignore, filters::Reaction::ignore};
  std::uint64_t max_payload = filters::usual_max_payload;
};

class Inspection {
 public:
  Inspection(InspectionOptions options, events::Output& out);

  /// All files. false: one is damaged or cannot be read; what is wrong has been said on the
  /// standard error output.
  [[nodiscard]] bool run();

 private:
  [[nodiscard]] bool inspect(const std::string& file);
  [[nodiscard]] std::string pass(PeekableSource& source, const std::string& name,
                                 std::optional<filters::GroupState> before, NewFile* copy);
  [[nodiscard]] filters::TableRules rules_for(PeekableSource& source) const;
  void begin_file(const std::string& name, bool goes_on);
  [[nodiscard]] bool complain(const std::string& file, const std::string& what);

  InspectionOptions options_;
  events::Output& out_;
  events::EventPrinter printer_;
  Summary summary_;
  // Where the file before ended, if within a transaction or a statement, as a relay log may.
  std::optional<filters::GroupState> unfinished_;
  events::EventReader reader_;
  // One for all files, as a relay knows of tables from those before. null: nothing is refused.
  std::unique_ptr<filters::RequirementsWatch> watch_;
  Progress progress_;
};

}  // namespace sluice::proxy::inspect
