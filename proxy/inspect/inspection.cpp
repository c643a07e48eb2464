#include "proxy/inspect/inspection.hpp"

#include <iostream>

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
      progress_(options_.progress) {}

bool Inspection::run() {
  bool good = true;
  for (const auto& file : options_.files) {
    good = inspect(file) && good;
    if (out_.error() != 0) return good;
  }
  progress_.clear();
  if (options_.summary) {
    options_.print.json ? summary_.print_json(out_) : summary_.print_text(out_);
  }
  out_.flush();
  return good;
}

bool Inspection::inspect(const std::string& file) {
  auto source = open_source(file);
  if (!source) return complain(file, source.error());
  NewFile copy;
  if (!options_.write_to.empty()) {
    if (const auto problem = copy.open(options_.write_to); !problem.empty()) {
      return complain(file, problem);
    }
  }
  const std::string name = name_of(file);
  progress_.begin(name);
  const events::EventReader::Needs needs{
      options_.print.rows && !options_.summary,
      options_.print.statements != events::ShownStatements::none && !options_.summary};
  const bool many = options_.files.size() > 1 && !options_.print.json && !options_.summary;
  if (many) out_.write("# " + escaped(file) + "\n");

  Observer observer(events::EventReader(name, needs), options_.summary ? nullptr : &printer_,
                    options_.summary ? &summary_ : nullptr, out_);
  StreamFilter filter(options_.rules, {filters::Framing::none, &observer, options_.max_payload});
  filter.begin_file(name, binlog::file_magic_size);
  const bool writes = !options_.write_to.empty();
  std::string problem = Passage(**source, filter, writes ? &copy : nullptr).run(progress_);
  if (out_.error() != 0) return false;
  if (problem.empty() && writes) problem = copy.finish();
  return problem.empty() || complain(file, problem);
}

bool Inspection::complain(const std::string& file, const std::string& what) {
  out_.flush();
  progress_.clear();
  std::cerr << "sluice: " << escaped(file == "-" ? name_of(file) : file) << ": " << escaped(what)
            << '\n';
  return false;
}

}  // namespace sluice::proxy::inspect
