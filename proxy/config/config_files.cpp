#include "proxy/config/config_files.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <span>
#include <string_view>
#include <system_error>

#include "proxy/config/password_text.hpp"

namespace sluice::proxy {
namespace {

std::string system_message(int code) {
  return std::generic_category().message(code);
}

std::string within_time() {
  return " within " + std::to_string(longest_wait_for_pipe.count()) + " s";
}

/// An open file, whose reading does not block; closed at the end of the scope.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      // Of a FIFO, opening blocks too: until somebody opens it for writing.
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    struct stat status {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
      reason_ = system_message(errno);
    } else if (S_ISDIR(status.st_mode)) {
      reason_ = system_message(EISDIR);
    } else if (S_ISFIFO(status.st_mode)) {
      is_pipe_ = true;
    } else if (!S_ISREG(status.st_mode)) {
      reason_ = "it is neither a file nor a pipe";
    } else {
      is_empty_ = status.st_size == 0;
    }
  }
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  [[nodiscard]] bool ok() const { return reason_.empty(); }
  [[nodiscard]] const std::string& reason() const { return reason_; }
  /// A file that has nothing in it; of a pipe one cannot tell.
  [[nodiscard]] bool is_empty() const { return is_empty_; }
  /// Whether it has a name, by which others find it.
  [[nodiscard]] bool is_fifo() const {
    struct statfs where {};
    return is_pipe_ && fstatfs(descriptor_, &where) == 0 && where.f_type != PIPEFS_MAGIC;
  }
  /// false: nothing came out of the pipe, nor has who wrote into it hung up.
  [[nodiscard]] bool wait(std::chrono::steady_clock::time_point deadline) const {
    while (is_pipe_) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0) return false;
      pollfd waiting{descriptor_, POLLIN, 0};
      const int ready = poll(&waiting, 1, static_cast<int>(left.count()));
      if (ready > 0 || (ready < 0 && errno != EINTR)) break;
    }
    return true;
  }
  /// As read() has it.
  [[nodiscard]] ssize_t read(std::span<char> bytes) const {
    return ::read(descriptor_, bytes.data(), bytes.size());
  }

 private:
  int descriptor_;
  std::string reason_;  ///< why it is not read
  bool is_pipe_ = false;
  bool is_empty_ = false;
};

std::chrono::steady_clock::time_point deadline() {
  return std::chrono::steady_clock::now() + longest_wait_for_pipe;
}

}  // namespace

std::string why_unreadable(const std::string& path) {
  const OpenFile file(path);
  if (file.is_fifo()) return "it is a FIFO: name a file";
  if (file.is_empty()) return "it is empty";
  if (!file.ok() || file.wait(deadline())) return file.reason();
  return "nobody has written into this pipe" + within_time();
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
  std::array<char, read_of_password> bytes{};
  std::size_t size = 0;
  ssize_t count = 1;
  bool came = true;
  const auto until = deadline();
  while (came && count > 0 && size < bytes.size()) {
    came = file.wait(until);
    if (!came) break;
    count = file.read(std::span(bytes).subspan(size));
    if (count > 0) size += static_cast<std::size_t>(count);
  }
  const int code = errno;
  auth::Secret secret(without_line_end({bytes.data(), size}));
  OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!came) {
    return Refused(
        path, "cannot be read: nobody has written into this pipe and closed it" + within_time());
  }
  if (count < 0) return Refused(path, "cannot be read: " + system_message(code));
  if (secret.empty()) return Refused(path, "is empty");
  const std::string_view wrong = why_no_password(secret.reveal());
  if (!wrong.empty()) return Refused(path, wrong);
  return secret;
}

std::optional<Parsed<auth::Secret>> read_secret_variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here ever changes the environment
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  const std::string_view text = without_line_end(value);
  const std::string_view wrong = why_no_password(text);
  if (!wrong.empty()) return Refused::because(std::string(wrong));
  return auth::Secret(text);
}

}  // namespace sluice::proxy
