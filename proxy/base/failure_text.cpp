#include "proxy/base/failure_text.hpp"

namespace sluice::proxy {

std::string text_of(const filters::StreamFailure& failure) {
  std::string text = failure.at.file + ":" + std::to_string(failure.at.position);
  if (failure.type != binlog::EventType::unknown) {
    text.append(" (").append(binlog::name_of(failure.type)).append(")");
  }
  if (!failure.statement.empty()) text.append(": ").append(failure.statement);
  return text.append(": ").append(failure.reason);
}

}  // namespace sluice::proxy
