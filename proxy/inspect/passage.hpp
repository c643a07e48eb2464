// One file on its way from its source through the filter.
#pragma once

#include <string>

#include "filters/stream/stream_buffer.hpp"
#include "filters/stream/stream_filter.hpp"
#include "protocol/binlog/file_check.hpp"
#include "proxy/inspect/byte_source.hpp"
#include "proxy/inspect/new_file.hpp"
#include "proxy/inspect/progress.hpp"

namespace sluice::proxy::inspect {

class Passage {
 public:
  /// The filter is one for bare events and stands behind the file's first four bytes. What passes
  /// goes into `copy`, if there is one.
  Passage(ByteSource& source, filters::StreamFilter& filter, NewFile* copy)
      : source_(source), filter_(filter), copy_(copy) {}

  /// To the end of the file. Returns what is wrong with it, or nothing.
  [[nodiscard]] std::string run(Progress& progress);

 private:
  [[nodiscard]] std::string read();
  [[nodiscard]] std::string pass();
  [[nodiscard]] std::size_t passable(std::size_t pending);
  [[nodiscard]] std::string release(std::size_t size);
  [[nodiscard]] std::string stopped() const;

  ByteSource& source_;
  filters::StreamFilter& filter_;
  NewFile* copy_;
  binlog::FileCheck check_;
  filters::StreamBuffer buffer_;
  std::uint64_t released_ = 0;  // of the file
  std::uint64_t passed_ = 0;    // has been shown to the filter
  bool ended_ = false;
};

}  // namespace sluice::proxy::inspect
