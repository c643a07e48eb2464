// A file that is there as a whole or not at all.
#pragma once

#include <string>

#include "protocol/bytes.hpp"

namespace sluice::proxy::inspect {

/// Written under a name of its own beside the one it gets in the end. Never replaces a file.
class NewFile {
 public:
  NewFile() = default;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  /// Each returns what went wrong, a sentence for people, or nothing.
  [[nodiscard]] std::string open(const std::string& path);
  [[nodiscard]] std::string write(Bytes bytes);
  [[nodiscard]] std::string finish();

 private:
  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

}  // namespace sluice::proxy::inspect
