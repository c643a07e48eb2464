// What a configuration may name as a file.
#include "proxy/config/config_files.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include "unit/proxy/temp_folder.hpp"

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

/// A pipe as the shell's <(...) makes it.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    ::close(ends_[0]);
    end();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] std::string path() const { return "/dev/fd/" + std::to_string(ends_[0]); }
  void write(std::string_view text) const {
    REQUIRE(::write(ends_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST_CASE("files of a configuration: what cannot be read is not waited for") {
  const test::TempFolder folder;
  REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
  CHECK(why_unreadable(folder.file("fifo")) == "it is a FIFO: name a file");
  CHECK(why_unreadable("/dev/zero") == "it is neither a file nor a pipe");
  CHECK(why_unreadable(folder.path()) == "Is a directory");
  CHECK(why_unreadable(folder.file("none")) == "No such file or directory");
  folder.write("empty", "");
  CHECK(why_unreadable(folder.file("empty")) == "it is empty");
  REQUIRE_FALSE(read_secret("/dev/zero").has_value());
  CHECK(read_secret("/dev/zero").error().why ==
        "'/dev/zero' cannot be read: it is neither a file nor a pipe");
}

TEST_CASE("files of a configuration: a pipe that is written into a moment later") {
  Pipe pipe;
  std::thread writer([&pipe] {
    std::this_thread::sleep_for(50ms);
    pipe.write("s3");
    std::this_thread::sleep_for(50ms);
    pipe.write("cret\n");
    pipe.end();
  });
  // Which leaves in it what it has.
  CHECK(why_unreadable(pipe.path()).empty());
  const auto secret = read_secret(pipe.path());
  writer.join();
  REQUIRE(secret.has_value());
  CHECK(secret->reveal() == "s3cret");
  CHECK(why_unreadable(pipe.path()).empty());  // it has an end
  CHECK(read_secret(pipe.path()).error().why.ends_with(" is empty"));
}

TEST_CASE("files of a configuration: a FIFO with a password in it") {
  const test::TempFolder folder;
  const std::string fifo = folder.file("fifo");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::thread writer([&fifo] {
    const int end = ::open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
    std::this_thread::sleep_for(50ms);
    (void)!::write(end, "s3cret\n", 7);
    ::close(end);
  });
  const auto secret = read_secret(fifo);
  writer.join();
  REQUIRE(secret.has_value());
  CHECK(secret->reveal() == "s3cret");
}

TEST_CASE("files of a configuration: a pipe into which nobody writes") {
  const Pipe pipe;
  CHECK(why_unreadable(pipe.path()) == "nobody has written into this pipe within 5 s");
}

}  // namespace
}  // namespace sluice::proxy
