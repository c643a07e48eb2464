#include "proxy/inspect/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace sluice::proxy::inspect {
namespace {

std::string failed(const std::string& path, int error) {
  return path + ": " + std::generic_category().message(error);
}

}  // namespace

NewFile::~NewFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

std::string NewFile::open(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0)
    return failed(path, EEXIST) + "; --write makes a new file";
  path_ = path;
  std::string name = path + ".XXXXXX";
  descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor_ < 0) return failed(path, errno);
  temporary_ = name;
  return {};
}

std::string NewFile::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::write(descriptor_, bytes.data(), bytes.size());
    if (size >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    } else if (errno != EINTR) {
      return failed(temporary_, errno);
    }
  }
  return {};
}

std::string NewFile::finish() {
  int error = ::fsync(descriptor_) == 0 ? 0 : errno;
  if (::close(descriptor_) != 0 && error == 0) error = errno;
  descriptor_ = -1;
  if (error != 0) return failed(temporary_, error);
  int moved = ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE);
  // Not every file system knows that flag.
  if (moved != 0 && errno == EINVAL) moved = ::link(temporary_.c_str(), path_.c_str());
  if (moved != 0) return failed(path_, errno);
  ::unlink(temporary_.c_str());
  temporary_.clear();
  return {};
}

}  // namespace sluice::proxy::inspect
