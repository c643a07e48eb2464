// Keeps what is logged during a test, so that tests can assert on it.
#pragma once

#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "proxy/log/logging.hpp"

namespace sluice::test {

class LogCapture {
 public:
  explicit LogCapture(proxy::LogFormat format = proxy::LogFormat::text,
                      proxy::LogLevel level = proxy::LogLevel::trace) {
    proxy::log::start({level, format}, std::make_shared<spdlog::sinks::ostream_sink_mt>(out_));
  }
  ~LogCapture() { proxy::log::start({}); }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  [[nodiscard]] std::string raw() const { return out_.str(); }

  /// The lines without their times.
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> out;
    std::istringstream lines(raw());
    for (std::string line; std::getline(lines, line);) {
      const bool json = line.starts_with('{');
      out.push_back(line.substr(line.find(json ? ',' : ' ') + 1));
    }
    return out;
  }

 private:
  std::ostringstream out_;
};

}  // namespace sluice::test
