// A client that only reads a dump, as fast as it comes: no file is written and no event is looked
// at, so that what stands before it is measured.
//
//   bench_reader --port N --user NAME [--host ADDRESS] [--tls] [--count N] [--follow] FILE
//
// Reads the master's binlogs from FILE to the last one, on `count` connections at once, and prints
// a line of JSON for each. The password comes from BENCH_PASSWORD. With --follow it reads on, and
// prints when each event came, in nanoseconds of CLOCK_MONOTONIC: for measuring latency.
#include <time.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "protocol/binlog/event_header.hpp"
#include "protocol/wire/command.hpp"
#include "proxy/master_connection.hpp"
#include "proxy/spawn.hpp"

using namespace sluice;
using namespace sluice::proxy;

namespace {

struct Options {
  MasterConfig master;
  std::string file = "binlog.000001";
  unsigned count = 1;
  bool follow = false;
};

std::int64_t nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Follows the packets without looking into them.
class PacketSkipper {
 public:
  /// The status byte of the packet that began last, once all of it is there: 0xFE is the end.
  void take(Bytes bytes) {
    while (!bytes.empty()) {
      if (left_ == 0) {
        begin(bytes);
        continue;
      }
      if (status_wanted_) {
        status_ = bytes.front();
        status_wanted_ = false;
      }
      const std::size_t size = std::min(left_, bytes.size());
      left_ -= size;
      bytes = bytes.subspan(size);
    }
  }
  [[nodiscard]] bool ended() const { return left_ == 0 && packets_ > 0 && status_ >= 0xFE; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }

 private:
  void begin(Bytes& bytes) {
    while (have_ < 4 && !bytes.empty()) {
      header_[have_++] = bytes.front();
      bytes = bytes.subspan(1);
    }
    if (have_ < 4) return;
    have_ = 0;
    left_ = static_cast<std::size_t>(load_le(header_, 3));
    // What goes on behind a full packet has no status of its own.
    status_wanted_ = !full_;
    full_ = left_ == 0xFFFFFF;
    ++packets_;
  }

  std::uint8_t header_[4] = {};
  std::size_t have_ = 0;
  std::size_t left_ = 0;
  bool status_wanted_ = false;
  bool full_ = false;
  std::uint8_t status_ = 0;
  std::uint64_t packets_ = 0;
};

class Reader {
 public:
  Reader(const Options& options, const MasterTarget& target) : options_(options), target_(target) {}

  Task<void> run() {
    Interrupt never;
    auto opened = co_await MasterConnection::open(target_, never);
    if (!opened) fail(opened.error());
    MasterConnection& master = **opened;
    const bool ready = co_await master.execute(
        "SET @master_binlog_checksum = @@global.binlog_checksum, "
        "@source_binlog_checksum = @@global.binlog_checksum");
    if (!ready) fail("the checksum was refused");
    wire::BinlogDump dump;
    dump.file = options_.file;
    if (!options_.follow) dump.flags = wire::dump_non_block;
    Buffer command;
    wire::serialize(dump, command);
    const bool sent = co_await master.send(command);
    if (!sent) fail("the dump was refused");

    Buffer buffer(std::size_t{1} << 20);
    PacketSkipper skipper;
    std::uint64_t bytes = 0;
    const auto begin = nanoseconds(CLOCK_MONOTONIC);
    while (!skipper.ended()) {
      const std::size_t size = co_await master.connection().read_some(buffer);
      const auto now = nanoseconds(CLOCK_MONOTONIC);
      if (size == 0) fail(master.connection().error());
      const auto before = skipper.packets();
      skipper.take(Bytes(buffer).first(size));
      bytes += size;
      if (options_.follow) {
        std::printf("%lld %llu\n", static_cast<long long>(now),
                    static_cast<unsigned long long>(skipper.packets() - before));
        std::fflush(stdout);
      }
    }
    const double seconds = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - begin) * 1e-9;
    std::printf("{\"bytes\": %llu, \"packets\": %llu, \"seconds\": %.4f}\n",
                static_cast<unsigned long long>(bytes),
                static_cast<unsigned long long>(skipper.packets()), seconds);
  }

 private:
  [[noreturn]] static void fail(const std::string& why) {
    std::fprintf(stderr, "bench_reader: %s\n", why.c_str());
    std::exit(1);
  }

  const Options& options_;
  const MasterTarget& target_;
};

}  // namespace

int main(int count, char** arguments) {
  Options options;
  options.master.host = "127.0.0.1";
  bool tls = false;
  CLI::App app("Reads a dump as fast as it comes.");
  app.add_option("--host", options.master.host);
  app.add_option("--port", options.master.port)->required();
  app.add_option("--user", options.master.user)->required();
  app.add_flag("--tls", tls);
  app.add_option("--count", options.count);
  app.add_flag("--follow", options.follow);
  app.add_option("FILE", options.file);
  CLI11_PARSE(app, count, arguments);

  const char* password = std::getenv("BENCH_PASSWORD");
  options.master.password = auth::Secret(password == nullptr ? "" : password);
  options.master.tls.mode = tls ? MasterTlsMode::required : MasterTlsMode::disabled;
  MasterTarget target{options.master, nullptr, {}};
  if (tls) {
    auto context = make_tls_context(options.master.tls);
    if (!context) {
      std::cerr << "bench_reader: " << context.error() << '\n';
      return 1;
    }
    target.tls = *context;
  }
  boost::asio::io_context context(1);
  for (unsigned i = 0; i < options.count; ++i) {
    spawn(context, [reader = std::make_shared<Reader>(options, target)] { return reader->run(); });
  }
  context.run();
  return 0;
}
