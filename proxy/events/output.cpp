#include "proxy/events/output.hpp"

#include <unistd.h>

#include <cerrno>

namespace sluice::proxy::events {

void Output::write(std::string_view text) {
  constexpr std::size_t large = std::size_t{64} << 10;
  if (error_ != 0) return;
  pending_ += text;
  if (descriptor_ >= 0 && pending_.size() >= large) flush();
}

void Output::flush() {
  if (descriptor_ < 0) return;
  std::string_view rest = pending_;
  while (error_ == 0 && !rest.empty()) {
    const ssize_t size = ::write(descriptor_, rest.data(), rest.size());
    if (size >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  pending_.clear();
}

}  // namespace sluice::proxy::events
