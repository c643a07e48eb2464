#include "proxy/inspect/passage.hpp"

#include <algorithm>

#include "protocol/binlog/rows_event.hpp"

namespace sluice::proxy::inspect {
namespace {

using filters::StreamFilter;

// Events up to this size are shown only when they have come whole and are not damaged.
constexpr std::uint32_t max_checked_first = std::uint32_t{64} << 10;

std::string at(std::uint64_t position) {
  return "position " + std::to_string(position) + ": ";
}

}  // namespace

std::string Passage::run(Progress& progress) {
  while (!ended_) {
    if (auto problem = read(); !problem.empty()) return problem;
    if (auto problem = pass(); !problem.empty()) return problem;
    progress.show(source_);
  }
  return {};
}

std::string Passage::read() {
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
std::string Passage::pass() {
  if (released_ == 0 && check_.whole() > 0) {
    if (auto problem = release(binlog::file_magic_size); !problem.empty()) return problem;
  }
  if (released_ > 0) {
    const MutableBytes pending = buffer_.pending();
    const std::size_t size = filter_.scan(pending.first(passable(pending.size())));
    if (auto problem = release(size); !problem.empty()) return problem;
  }
  if (filter_.state() != StreamFilter::State::flowing) return stopped();
  if (const auto& damage = check_.damage()) return at(damage->position) + damage->reason;
  if (ended_ && !buffer_.pending().empty()) {
    return at(released_) + "the file ends in the middle of a statement";
  }
  return {};
}

/// How much of what is pending may be shown: events that are large as they come, others when they
/// are known to be whole.
std::size_t Passage::passable(std::size_t pending) {
  const bool large = !check_.damage() && check_.event_size().value_or(0) > max_checked_first;
  passed_ = std::max(passed_, large ? released_ + pending : check_.whole());
  return static_cast<std::size_t>(passed_ - released_);
}

std::string Passage::release(std::size_t size) {
  if (copy_ != nullptr) {
    if (auto problem = copy_->write(buffer_.pending().first(size)); !problem.empty()) {
      return problem;
    }
  }
  buffer_.release(size);
  released_ += size;
  return {};
}

std::string Passage::stopped() const {
  const auto& failure = filter_.failure();
  if (!failure) {
    return at(filter_.position().position) + "the file does not begin between two transactions";
  }
  // Rows that no group was begun for.
  if (binlog::rows_layout(failure->type) &&
      filter_.context().phase == filters::GroupState::Phase::between_groups) {
    return at(released_) +
           "it begins within a statement of the file before it: give that one first";
  }
  std::string what;
  if (failure->type != binlog::EventType::unknown) {
    what = std::string(binlog::name_of(failure->type)) + ": ";
  }
  if (!failure->statement.empty()) what += std::string(failure->statement) + ": ";
  return at(failure->at.position) + "a relay would stop here: " + what + failure->reason;
}

}  // namespace sluice::proxy::inspect
