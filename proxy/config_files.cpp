#include "proxy/config_files.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace sluice::proxy {
namespace {

std::string system_message(int code) {
  return std::generic_category().message(code);
}

/// An open file; closed at the end of the scope.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)), error_(errno) {
    struct stat status {};
    if (descriptor_ >= 0 && fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
      close(descriptor_);
      descriptor_ = -1;
      error_ = EISDIR;
    }
  }
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] bool ok() const { return descriptor_ >= 0; }
  [[nodiscard]] std::string reason() const { return system_message(error_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  int error_;
};

}  // namespace

std::string why_unreadable(const std::string& path) {
  const OpenFile file(path);
  return file.ok() ? "" : file.reason();
}

bool is_world_readable(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

bool is_for_root_alone(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || status.st_uid != 0) return false;
  const bool by_group = status.st_gid != 0 && (status.st_mode & S_IRGRP) != 0;
  return !by_group && (status.st_mode & S_IROTH) == 0;
}

Parsed<auth::Secret> read_secret(const std::string& path) {
  const OpenFile file(path);
  if (!file.ok()) return Refused(path, "cannot be read: " + file.reason());
  std::array<char, 1024> bytes{};  // far more than a password that servers accept
  std::size_t size = 0;
  ssize_t count = 1;
  while (count > 0 && size < bytes.size()) {
    count = read(file.descriptor(), bytes.data() + size, bytes.size() - size);
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  const int code = errno;
  std::string_view text(bytes.data(), size);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  auth::Secret secret(text);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (count < 0) return Refused(path, "cannot be read: " + system_message(code));
  if (size == bytes.size()) return Refused(path, "is too long for a password");
  if (secret.empty()) return Refused(path, "is empty");
  if (secret.reveal().starts_with("\xEF\xBB\xBF")) {
    return Refused(path,
                   "begins with a byte order mark, which is no part of a password: save it "
                   "as UTF-8 without BOM");
  }
  if (secret.reveal().find('\n') != std::string_view::npos) {
    return Refused(path, "has several lines: a password is one");
  }
  return secret;
}

}  // namespace sluice::proxy
