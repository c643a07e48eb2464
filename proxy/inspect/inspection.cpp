#include "proxy/inspect/inspection.hpp"

#include <iostream>

#include "filters/stream_buffer.hpp"
#include "filters/stream_filter.hpp"
#include "protocol/binlog/file_check.hpp"
#include "proxy/inspect/byte_source.hpp"
#include "proxy/inspect/escaped_text.hpp"
#include "proxy/inspect/new_file.hpp"

namespace sluice::proxy::inspect {
namespace {

using filters::StreamFilter;

// Events up to this size are shown only when they have come whole and are not damaged.
constexpr std::uint32_t max_checked_first = std::uint32_t{64} << 10;

std::string name_of(const std::string& file) {
  if (file == "-") return "standard input";
  return file.substr(file.find_last_of('/') + 1);
}

/// Hands what the filter decides on to the printer and the summary.
class Observer : public filters::EventObserver {
 public:
  Observer(EventReader reader, EventPrinter* printer, Summary& summary, const Output& out)
      : reader_(std::move(reader)), printer_(printer), summary_(summary), out_(out) {}

  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    return reader_.bytes_wanted(header);
  }
  [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
    const EventRecord record = reader_.read(seen);
    summary_.add(record);
    if (printer_ != nullptr) printer_->print(record);
    return out_.error() == 0 ? "" : "nobody reads what is printed";
  }

 private:
  EventReader reader_;
  EventPrinter* printer_;
  Summary& summary_;
  const Output& out_;
};

/// One file on its way from its source through the filter.
class Passage {
 public:
  Passage(ByteSource& source, StreamFilter& filter, NewFile* copy)
      : source_(source), filter_(filter), copy_(copy) {}

  /// To the end of the file. Returns what is wrong with it, or nothing.
  std::string run(Progress& progress) {
    while (!ended_) {
      if (auto problem = read(); !problem.empty()) return problem;
      if (auto problem = pass(); !problem.empty()) return problem;
      progress.show(source_);
    }
    return {};
  }

 private:
  std::string read() {
    if (!buffer_.make_room(filter_.wanted())) return at(released_) + "an event that is too large";
    auto size = source_.read(buffer_.free_space());
    if (!size) return at(released_ + buffer_.pending().size()) + size.error();
    ended_ = *size == 0;
    check_.take(buffer_.free_space().first(*size));
    buffer_.received(*size);
    if (ended_) check_.end();
    return {};
  }

  /// Lets through what is whole.
  std::string pass() {
    if (released_ == 0 && check_.whole() > 0) {
      if (auto problem = release(binlog::file_magic_size); !problem.empty()) return problem;
    }
    if (released_ > 0) {
      const MutableBytes pending = buffer_.pending();
      const std::uint64_t size = filter_.scan(pending.first(passable(pending.size())));
      if (auto problem = release(static_cast<std::size_t>(size)); !problem.empty()) return problem;
    }
    if (filter_.state() != StreamFilter::State::flowing) return stopped();
    if (const auto& damage = check_.damage()) return at(damage->position) + damage->reason;
    if (ended_ && !buffer_.pending().empty()) {
      return at(released_) + "the file ends in the middle of a statement";
    }
    return {};
  }

  /// How much of what is pending may be shown: events that are large as they come, others when
  /// they are known to be whole.
  [[nodiscard]] std::size_t passable(std::size_t pending) {
    const bool large = !check_.damage() && check_.event_size().value_or(0) > max_checked_first;
    passed_ = std::max(passed_, large ? released_ + pending : check_.whole());
    return static_cast<std::size_t>(passed_ - released_);
  }

  std::string release(std::size_t size) {
    if (copy_ != nullptr) {
      if (auto problem = copy_->write(buffer_.pending().first(size)); !problem.empty()) {
        return problem;
      }
    }
    buffer_.release(size);
    released_ += size;
    return {};
  }

  [[nodiscard]] std::string stopped() const {
    if (const auto& failure = filter_.failure()) {
      std::string what = failure->type == binlog::EventType::unknown
                             ? ""
                             : std::string(binlog::name_of(failure->type)) + ": ";
      if (!failure->statement.empty()) what += std::string(failure->statement) + ": ";
      return at(failure->at.position) + "a relay would stop here: " + what + failure->reason;
    }
    return at(filter_.position().position) + "the file does not begin between two transactions";
  }

  static std::string at(std::uint64_t position) {
    return "position " + std::to_string(position) + ": ";
  }

  ByteSource& source_;
  StreamFilter& filter_;
  NewFile* copy_;
  binlog::FileCheck check_;
  filters::StreamBuffer buffer_;
  std::uint64_t released_ = 0;  // of the file
  std::uint64_t passed_ = 0;    // has been shown to the filter
  bool ended_ = false;
};

}  // namespace

Inspection::Inspection(InspectionOptions options, Output& out)
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
  summary_.begin_file();
  const EventReader::Needs needs{
      options_.print.rows && !options_.summary,
      options_.print.statements != ShownStatements::none && !options_.summary};
  const bool many = options_.files.size() > 1 && !options_.print.json && !options_.summary;
  if (many) out_.write("# " + escaped(file) + "\n");

  Observer observer(EventReader(name, needs), options_.summary ? nullptr : &printer_, summary_,
                    out_);
  StreamFilter filter(options_.rules, {filters::Framing::none, &observer, options_.max_payload});
  filter.begin_file(name, binlog::file_magic_size);
  const bool writes = !options_.write_to.empty();
  std::string problem = Passage(**source, filter, writes ? &copy : nullptr).run(progress_);
  summary_.end_file();
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
