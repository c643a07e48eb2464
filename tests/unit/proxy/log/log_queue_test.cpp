#include "proxy/log/log_queue.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "proxy/log/logging.hpp"
#include "unit/proxy/log/log_capture.hpp"
#include "unit/proxy/temp_folder.hpp"

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;

/// A log that is written to a pipe, and what can be read there.
class Piped {
 public:
  explicit Piped(std::chrono::milliseconds patience = 1min) {
    REQUIRE(::pipe(ends_.data()) == 0);
    (void)::fcntl(ends_[1], F_SETPIPE_SZ, 4096);
    writer_ = std::make_unique<log::Background>(LogSettings{LogLevel::info, LogFormat::text},
                                                ends_[1], patience);
  }
  ~Piped() {
    finish();
    log::start({});
    close(ends_[0]);
    close(ends_[1]);
  }
  Piped(const Piped&) = delete;
  Piped& operator=(const Piped&) = delete;

  void finish() { writer_.reset(); }
  void close_reader() { close(ends_[0]); }
  /// A thread that nobody has waited for may still write.
  void leave_writing_end() { ends_[1] = -1; }
  [[nodiscard]] int writing_end() const { return ends_[1]; }

  /// Reads on until it has come; returns all so far.
  const std::string& read_to(const std::string& end) {
    std::array<char, 65536> some{};
    while (text_.find(end) == std::string::npos) {
      const auto size = ::read(ends_[0], some.data(), some.size());
      REQUIRE(size > 0);
      text_.append(some.data(), static_cast<std::size_t>(size));
    }
    return text_;
  }

 private:
  static void close(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
  }

  std::array<int, 2> ends_{};
  std::unique_ptr<log::Background> writer_;
  std::string text_;
};

std::uint64_t number_behind(const std::string& text, const std::string& what) {
  const auto found = text.find(what);
  REQUIRE(found != std::string::npos);
  return std::stoull(text.substr(found + what.size()));
}

template <class Condition>
void wait_until(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(1ms);
  }
}

/// Logs lines numbered from 0 on until some are lost; returns how many.
std::uint64_t log_until_lost() {
  std::uint64_t number = 0;
  for (; log::lost_lines() < 10; ++number) {
    REQUIRE(number < 10'000'000);
    log::info("x", {{"number", number}});
  }
  return number;
}

TEST_CASE("what is logged is written at the end, at the latest, in its order") {
  Piped pipe;
  for (int i = 0; i < 50; ++i) log::info("x", {{"number", i}});
  pipe.finish();
  const std::string text = pipe.read_to("number=49\n");
  std::size_t place = 0;
  for (int i = 0; i < 50; ++i) {
    place = text.find(" info x number=" + std::to_string(i) + "\n", place);
    REQUIRE(place != std::string::npos);
  }
  CHECK(std::regex_search(
      text, std::regex(R"(^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info x number=0\n)")));
  CHECK(log::lost_lines() == 0);
}

TEST_CASE("where nobody reads the log, lines are lost, and it says how many and where") {
  Piped pipe;
  SUBCASE("with a writer that waits") {}
  SUBCASE("with a descriptor that does not wait") {
    (void)::fcntl(pipe.writing_end(), F_SETFL, O_NONBLOCK);
  }
  const auto logged = log_until_lost();
  const std::string text = pipe.read_to("of the log were lost");
  log::info("goes on");
  const std::string all = pipe.read_to("info goes on\n");
  const auto lost = number_behind(all, " warn lines of the log were lost lines=");
  CHECK(lost == log::lost_lines());
  const auto last = logged - lost - 1;
  CHECK(all.find("number=" + std::to_string(last) + "\n") < all.find("lost"));
  CHECK(all.find("number=" + std::to_string(last + 1) + "\n") == std::string::npos);
  CHECK(all.find("lost") < all.find("goes on"));
  // Each line whole.
  const auto lines = static_cast<std::uint64_t>(std::count(all.begin(), all.end(), '\n'));
  CHECK(lines == logged - lost + 2);
}

TEST_CASE("the end does not wait for ever for whoever reads the log") {
  Piped pipe(10ms);
  (void)log_until_lost();
  pipe.finish();  // returns
  pipe.leave_writing_end();
  log::info("too late");
  CHECK(log::lost_lines() >= 10);
}

TEST_CASE("a log that cannot be written is lost, and nothing else") {
  Piped pipe;
  pipe.close_reader();
  log::info("x");
  log::info("y");
  pipe.finish();
  CHECK(log::lost_lines() == 2);
}

TEST_CASE("a line that a full disk has torn is not gone on with") {
  const test::TempFolder folder;
  folder.write("log", "");
  const std::string path = folder.file("log");
  const auto read = [&path] {
    std::ifstream all(path);
    return std::string(std::istreambuf_iterator<char>(all), {});
  };
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  REQUIRE(file >= 0);
  {
    // As good as a full disk: a file must not become any larger.
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const log::Background writer({LogLevel::info, LogFormat::json}, file);
    log::info("whole");
    wait_until([&] { return !read().empty(); });
    const rlimit full{static_cast<rlim_t>(read().size() + 10), before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &full) == 0);
    log::info("torn");
    wait_until([] { return log::lost_lines() > 0; });
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    log::info("again");
  }
  log::start({});
  ::close(file);
  std::istringstream lines(read());
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  REQUIRE(all.size() == 4);
  CHECK(all[0].ends_with(R"("event":"whole"})"));
  CHECK(all[1].size() == 10);
  CHECK(all[2].ends_with(R"("event":"lines of the log were lost","lines":1})"));
  CHECK(all[3].ends_with(R"("event":"again"})"));
}

}  // namespace
}  // namespace sluice::proxy
