// A client that only reads a dump, as fast as it comes: no file is written and no event is looked
// at further than its head, so that what stands before it is measured.
//
// Reads the master's binlogs from FILE to the last one, on --count connections at once, and prints
// a line of JSON for each. Or, with one of these, it reads on behind the last event:
//
//   --seconds N    for so long, from when all stream; then it prints how many bytes each has read
//   --follow       prints for each commit how many microseconds later its last event has come
//   --stay         until it is ended from outside
//
// Each of them prints {"ready": COUNT} when all stream.
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <memory>
#include <vector>

#include "bench/client.hpp"
#include "bench/packet_follower.hpp"
#include "protocol/wire/command.hpp"
#include "protocol/wire/semi_sync.hpp"
#include "proxy/event_loop/spawn.hpp"

using namespace sluice;
using namespace sluice::bench;
using namespace sluice::proxy;
using binlog::EventType;

namespace asio = boost::asio;

namespace {

struct Options {
  ClientOptions client;
  std::string file = "binlog.000001";
  unsigned count = 1;
  unsigned logins_at_once = 16;
  double seconds = 0;
  bool follow = false;
  bool stay = false;
  bool semi_sync = false;
  unsigned heartbeat = 0;       // seconds; 0: none
  unsigned receive_buffer = 0;  // bytes, the kernel's; 0: as it likes

  [[nodiscard]] bool reads_on() const { return follow || stay || seconds > 0; }
};

/// When the master wrote the GTID event into its binlog, in microseconds since the epoch; 0: not
/// known. From 8.0.1 on (Gtid_event in libs/mysql/binlog/event/control_events.h): flags:1 sid:16
/// gno:8 type:1 last_committed:8 sequence_number:8, then the time, in seven bytes.
std::uint64_t commit_time(Bytes event) {
  constexpr std::size_t at = binlog::event_header_size + 42;
  if (event.size() < at + 7) return 0;
  return load_le<7>(event.data() + at) & ((std::uint64_t{1} << 55) - 1);
}

class Stream {
 public:
  Stream(const Options& options, std::unique_ptr<MasterConnection> master, std::uint32_t server_id)
      : options_(options),
        master_(std::move(master)),
        server_id_(server_id),
        // Small when there are many, so that it is not the reader's memory that is measured.
        buffer_(std::max(std::size_t{64} << 10, (std::size_t{1} << 20) / options.count)) {
    if (options.receive_buffer == 0) return;
    boost::system::error_code ignored;
    master_->connection().socket().set_option(
        asio::socket_base::receive_buffer_size(static_cast<int>(options.receive_buffer)), ignored);
  }

  /// What a replica says before a dump.
  Task<void> introduce() {
    std::string settings =
        "SET @master_binlog_checksum = @@global.binlog_checksum, "
        "@source_binlog_checksum = @@global.binlog_checksum";
    if (options_.semi_sync) settings += ", @rpl_semi_sync_slave = 1, @rpl_semi_sync_replica = 1";
    if (options_.heartbeat > 0) {
      const std::string period = std::to_string(options_.heartbeat) + "000000000";
      settings +=
          ", @master_heartbeat_period = " + period + ", @source_heartbeat_period = " + period;
    }
    const auto ready = co_await master_->query(settings);
    if (!ready) fail("the settings were refused");
  }

  Task<void> start() {
    wire::BinlogDump dump;
    dump.file = options_.file;
    if (options_.reads_on()) {
      dump.server_id = server_id_;
    } else {
      dump.flags = wire::dump_non_block;
    }
    Buffer command;
    wire::serialize(dump, command);
    const bool sent = co_await master_->send(command);
    if (!sent) fail("the dump was refused");
    begin_ = nanoseconds(CLOCK_MONOTONIC);
  }

  /// Reads once. false: the dump has ended.
  Task<bool> read() {
    const std::size_t size = co_await master_->connection().read_some(buffer_);
    const auto now = nanoseconds(CLOCK_REALTIME);
    if (size == 0) fail(master_->connection().error());
    bytes_ += size;
    const Bytes read = Bytes(buffer_).first(size);
    if (options_.follow || options_.semi_sync) {
      bool wanted = false;
      follower_.take(read, [&] { wanted |= on_packet(now); });
      if (wanted) co_await acknowledge();
    } else {
      follower_.take(read);
    }
    co_return !follower_.ended();
  }

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool has_begun() const { return follower_.packets() > 0; }

  void report() const {
    const double seconds = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - begin_) * 1e-9;
    std::printf("{\"bytes\": %llu, \"packets\": %llu, \"seconds\": %.4f}\n",
                static_cast<unsigned long long>(bytes_),
                static_cast<unsigned long long>(follower_.packets()), seconds);
  }

 private:
  /// true: the master waits for an acknowledgement.
  bool on_packet(std::int64_t now) {
    const std::size_t prefix = 1 + (options_.semi_sync ? wire::semi_sync_header_size : 0);
    const Bytes head = follower_.head();
    if (head.size() < prefix) return false;
    const Bytes event = head.subspan(prefix);
    const auto header = binlog::parse_event_header(event);
    if (!header) return false;
    if (header->log_pos != 0) position_ = header->log_pos;
    if (header->type == EventType::gtid || header->type == EventType::anonymous_gtid) {
      committed_ = commit_time(event);
    } else if (header->type == EventType::xid && options_.follow) {
      const double since = static_cast<double>(now) * 1e-3 - static_cast<double>(committed_);
      std::printf("%.1f\n", since);
      std::fflush(stdout);
    }
    return options_.semi_sync && head[2] == wire::semi_sync_ack_wanted;
  }

  Task<void> acknowledge() {
    Buffer payload, packet;
    wire::serialize(wire::SemiSyncAck{position_, options_.file}, payload);
    std::uint8_t sequence = 0;
    wire::append_packet(packet, payload, sequence);
    const bool written = co_await master_->connection().write(packet);
    if (!written) fail(master_->connection().error());
  }

  const Options& options_;
  std::unique_ptr<MasterConnection> master_;
  std::uint32_t server_id_;
  Buffer buffer_;
  PacketFollower follower_;
  std::int64_t begin_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t committed_ = 0;
};

class Reader {
 public:
  explicit Reader(const Options& options, const MasterTarget& target)
      : options_(options), target_(target), streams_(options.count), timer_(context_) {}

  void run() {
    const unsigned at_once = std::min(options_.count, options_.logins_at_once);
    for (unsigned i = 0; i < at_once; ++i) {
      spawn(context_, "login", [this] { return log_in(); });
    }
    context_.run();
  }

 private:
  Task<void> log_in() {
    while (next_ < options_.count) {
      const unsigned number = next_++;
      auto opened = co_await MasterConnection::open(target_, never_);
      if (!opened) fail("connection " + std::to_string(number) + ": " + opened.error().text);
      constexpr std::uint32_t first_server_id = 100'000;
      streams_[number] =
          std::make_unique<Stream>(options_, *std::move(opened), first_server_id + number);
      co_await streams_[number]->introduce();
      if (++logged_in_ < options_.count) continue;
      for (const auto& stream : streams_) {
        spawn(context_, "stream", [this, &stream = *stream] { return read(stream); });
      }
    }
  }

  Task<void> read(Stream& stream) {
    co_await stream.start();
    for (;;) {
      const bool began = stream.has_begun();
      const bool goes_on = co_await stream.read();
      if (!began && stream.has_begun() && ++streaming_ == options_.count) on_streaming();
      if (!goes_on) break;
    }
    if (options_.reads_on()) fail("the dump has ended");
    stream.report();
  }

  void on_streaming() {
    if (!options_.reads_on()) return;
    std::printf("{\"ready\": %u}\n", options_.count);
    std::fflush(stdout);
    if (options_.seconds > 0) spawn(context_, "measuring", [this] { return measure(); });
  }

  Task<void> measure() {
    std::vector<std::uint64_t> before;
    for (const auto& stream : streams_) before.push_back(stream->bytes());
    const auto begin = nanoseconds(CLOCK_MONOTONIC);
    timer_.expires_after(
        std::chrono::nanoseconds(static_cast<std::int64_t>(options_.seconds * 1e9)));
    co_await timer_.async_wait(use_task);
    const double seconds = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - begin) * 1e-9;
    std::printf("{\"seconds\": %.4f, \"bytes\": [", seconds);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      std::printf("%s%llu", i == 0 ? "" : ", ",
                  static_cast<unsigned long long>(streams_[i]->bytes() - before[i]));
    }
    std::printf("]}\n");
    std::exit(0);
  }

  const Options& options_;
  const MasterTarget& target_;
  asio::io_context context_{1};
  Interrupt never_;
  std::vector<std::unique_ptr<Stream>> streams_;
  Timer timer_;
  unsigned next_ = 0;
  unsigned logged_in_ = 0;
  unsigned streaming_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  Options options;
  CLI::App app("Reads a dump as fast as it comes; the head of bench/reader.cpp says more.");
  options.client.add_to(app);
  app.add_option("--count", options.count, "connections")->check(CLI::PositiveNumber);
  app.add_option("--logins-at-once", options.logins_at_once)->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds);
  app.add_flag("--follow", options.follow);
  app.add_flag("--stay", options.stay);
  app.add_flag("--semi-sync", options.semi_sync, "acknowledges what the master waits for");
  app.add_option("--heartbeat", options.heartbeat, "seconds between heartbeats; 0: none");
  app.add_option("--receive-buffer", options.receive_buffer, "bytes in the kernel; 0: as it likes");
  app.add_option("FILE", options.file);
  CLI11_PARSE(app, count, arguments);
  const MasterTarget target = options.client.target();
  Reader(options, target).run();
  return 0;
}
