#include "proxy/inspect/inspection.hpp"

#include <algorithm>
#include <iostream>
#include <utility>

#include "filters/stream/stream_filter.hpp"
#include "protocol/binlog/file_check.hpp"
#include "protocol/binlog/format_description.hpp"
#include "proxy/base/escaped_text.hpp"
#include "proxy/inspect/byte_source.hpp"
#include "proxy/inspect/new_file.hpp"
#include "proxy/inspect/observer.hpp"
#include "proxy/inspect/passage.hpp"

namespace sluice::proxy::inspect {
namespace {

using filters::StreamFilter;

std::string name_of(const std::string& file) {
  if (file == "-") return "standard input";
  return file.substr(file.find_last_of('/') + 1);
}

/// Whether its FORMAT_DESCRIPTION says so. What has none is damaged, which turns out later.
bool is_of_mariadb(PeekableSource& source) {
  constexpr std::size_t begin = binlog::file_magic_size;
  const Bytes head = source.peek(begin + binlog::event_header_size);
  const auto header = binlog::parse_event_header(head.subspan(std::min(begin, head.size())));
  constexpr std::uint32_t largest = 4096;
  if (!header || header->size > largest) return false;
  const Bytes all = source.peek(begin + header->size);
  const auto format = binlog::parse_format_description(all.subspan(std::min(begin, all.size())));
  return format && format->mariadb;
}

/// null: neither is refused.
std::unique_ptr<filters::RequirementsWatch> watch_for(
    const filters::TableRequirements& requirements) {
  using filters::Reaction;
  if (requirements.primary_key != Reaction::refuse && requirements.innodb != Reaction::refuse) {
    return nullptr;
  }
  return std::make_unique<filters::RequirementsWatch>(requirements,
                                                      std::make_shared<filters::OwnTableNotes>(),
                                                      [](const filters::TableComplaint&) {});
}

}  // namespace

Inspection::Inspection(InspectionOptions options, events::Output& out)
    : options_(std::move(options)),
      out_(out),
      printer_(options_.print, out),
      reader_({}, {}),
      watch_(watch_for(options_.requirements)),
      progress_(options_.progress) {}

bool Inspection::run() {
  bool good = true;
  for (const auto& file : options_.files) {
    good = inspect(file) && good;
    if (out_.error() != 0) return good;
  }
  progress_.clear();
  if (options_.summary) {
    summary_.end_transaction();
    options_.print.json ? summary_.print_json(out_) : summary_.print_text(out_);
  }
  out_.flush();
  return good;
}

/// @param goes_on within the transaction that the file before ended in
void Inspection::begin_file(const std::string& name, bool goes_on) {
  if (goes_on) {
    reader_.go_on_in(name);
  } else {
    reader_ = events::EventReader(
        name, {options_.print.rows && !options_.summary,
               options_.print.statements != events::ShownStatements::none && !options_.summary});
    summary_.end_transaction();
  }
  summary_.begin_file();
  progress_.begin(name);
}

bool Inspection::inspect(const std::string& file) {
  auto before = std::exchange(unfinished_, std::nullopt);
  auto source = open_source(file);
  if (!source) return complain(file, source.error());
  NewFile copy;
  const bool writes = !options_.write_to.empty();
  if (writes) {
    if (const auto problem = copy.open(options_.write_to); !problem.empty()) {
      return complain(file, problem);
    }
  }
  const std::string name = name_of(file);
  begin_file(name, before.has_value());
  const bool many = options_.files.size() > 1 && !options_.print.json && !options_.summary;
  if (many) out_.write("# " + escaped(file) + "\n");

  std::string problem = pass(**source, name, std::move(before), writes ? &copy : nullptr);
  if (out_.error() != 0) return false;
  if (problem.empty() && writes) problem = copy.finish();
  return problem.empty() || complain(file, problem);
}

/// Through a filter of its own, which goes on from where the file before it ended, if that was
/// within a transaction. Returns what is wrong with the file, or nothing.
std::string Inspection::pass(PeekableSource& source, const std::string& name,
                             std::optional<filters::GroupState> before, NewFile* copy) {
  Observer observer(reader_, options_.summary ? nullptr : &printer_,
                    options_.summary ? &summary_ : nullptr, watch_.get(), out_);
  const filters::TableRules rules = rules_for(source);
  StreamFilter filter(rules, {filters::Framing::none, &observer, options_.max_payload});
  filter.begin_file(name, binlog::file_magic_size);
  if (before) filter.adopt_context(*std::move(before));
  std::string problem = Passage(source, filter, copy).run(progress_);
  if (problem.empty() && filter.context().phase != filters::GroupState::Phase::between_groups) {
    unfinished_ = filter.context();
  }
  return problem;
}

/// Comparing names as a relay does for the master that has written it.
filters::TableRules Inspection::rules_for(PeekableSource& source) const {
  return options_.rules.comparing(
      filters::name_case(is_of_mariadb(source), options_.lower_case_table_names));
}

bool Inspection::complain(const std::string& file, const std::string& what) {
  out_.flush();
  progress_.clear();
  std::cerr << "sluice inspect: " << escaped(file == "-" ? name_of(file) : file) << ": "
            << escaped(what) << '\n';
  return false;
}

}  // namespace sluice::proxy::inspect
