#include "proxy/inspect/inspection.hpp"

#include <iostream>
#include <utility>

#include "filters/stream_filter.hpp"
#include "proxy/escaped_text.hpp"
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

}  // namespace

Inspection::Inspection(InspectionOptions options, events::Output& out)
    : options_(std::move(options)),
      out_(out),
      printer_(options_.print, out),
      reader_({}, {}),
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
  if (!options_.write_to.empty()) {
    if (const auto problem = copy.open(options_.write_to); !problem.empty()) {
      return complain(file, problem);
    }
  }
  const std::string name = name_of(file);
  begin_file(name, before.has_value());
  const bool many = options_.files.size() > 1 && !options_.print.json && !options_.summary;
  if (many) out_.write("# " + escaped(file) + "\n");

  Observer observer(reader_, options_.summary ? nullptr : &printer_,
                    options_.summary ? &summary_ : nullptr, out_);
  StreamFilter filter(options_.rules, {filters::Framing::none, &observer, options_.max_payload});
  filter.begin_file(name, binlog::file_magic_size);
  if (before) filter.adopt_context(*std::move(before));
  const bool writes = !options_.write_to.empty();
  std::string problem = Passage(**source, filter, writes ? &copy : nullptr).run(progress_);
  if (out_.error() != 0) return false;
  if (problem.empty() && writes) problem = copy.finish();
  if (!problem.empty()) return complain(file, problem);
  if (filter.context().phase != filters::GroupState::Phase::between_groups) {
    unfinished_ = filter.context();
  }
  return true;
}

bool Inspection::complain(const std::string& file, const std::string& what) {
  out_.flush();
  progress_.clear();
  std::cerr << "sluice: " << escaped(file == "-" ? name_of(file) : file) << ": " << escaped(what)
            << '\n';
  return false;
}

}  // namespace sluice::proxy::inspect
