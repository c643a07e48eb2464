#include "proxy/log/logging.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <utility>

#include "proxy/log/log_queue.hpp"

namespace sluice::proxy::log {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::trace:
      return spdlog::level::trace;
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::off;
}

/// Writes `<4>` and the like, from which journald takes the priority of a line (sd-daemon(3)).
class JournalPriority : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& msg, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const char digit = msg.level >= spdlog::level::err    ? '3'
                       : msg.level == spdlog::level::warn ? '4'
                       : msg.level == spdlog::level::info ? '6'
                                                          : '7';
    const char prefix[] = {'<', digit, '>'};
    out.append(prefix, prefix + sizeof prefix);
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JournalPriority>();
  }
};

// systemd.exec(5), JOURNAL_STREAM: device and inode of the stream, to be compared with the
// descriptor's own because a child may have inherited the variable but not the stream.
bool is_journal(int descriptor) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here ever changes the environment
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(descriptor, &status) != 0) return false;
  return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

std::unique_ptr<spdlog::formatter> make_formatter(LogFormat format, bool journal) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<JournalPriority>('*');
  const std::string pattern = format == LogFormat::text ? "%Y-%m-%dT%H:%M:%S.%eZ %v"
                                                        : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})";
  formatter->set_pattern(journal ? "%*" + pattern : pattern);
  return formatter;
}

struct Output {
  std::atomic<LogLevel> level{LogLevel::info};
  LogFormat format = LogFormat::text;
  std::shared_ptr<spdlog::logger> logger;
  std::shared_ptr<LogQueue> queue;  // null: who logs writes

  Output() { open_stderr({}); }

  void open_stderr(const LogSettings& settings) {
    open(settings, std::make_shared<spdlog::sinks::stderr_sink_mt>(), is_journal(STDERR_FILENO));
  }

  void open(const LogSettings& settings, std::shared_ptr<spdlog::sinks::sink> sink, bool journal) {
    queue = nullptr;
    sink->set_formatter(make_formatter(settings.format, journal));
    logger = std::make_shared<spdlog::logger>("sluice", std::move(sink));
    logger->set_level(spdlog::level::trace);  // `level` has decided before
    level = settings.level;
    format = settings.format;
  }
};

Output& output() {
  static Output instance;
  return instance;
}

/// All but the time.
std::string make_line(LogFormat format, LogLevel level, std::string_view event,
                      std::string_view context, Fields fields) {
  std::string line;
  line.reserve(256);
  if (format == LogFormat::text) {
    line += to_string(level);
    line += ' ';
    line += event;
  } else {
    line += "\"level\":\"";
    line += to_string(level);
    line += "\",\"event\":";
    Value(event).append_json(line);
  }
  line += context;
  for (const Field& field : fields) append_field(line, format, field);
  return line;
}

void write_line(LogLevel level, std::string_view event, std::string_view context,
                Fields fields) try {
  const std::string line = make_line(output().format, level, event, context, fields);
  output().logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
} catch (const std::bad_alloc&) {
  // Where the system gives no more memory, the line is lost and not the program.
  if (output().queue) output().queue->lose_one();
}

}  // namespace

void start(const LogSettings& settings, std::shared_ptr<spdlog::sinks::sink> sink) {
  if (sink) {
    output().open(settings, std::move(sink), false);
  } else {
    output().open_stderr(settings);
  }
}

Background::Background(const LogSettings& settings, int descriptor,
                       std::chrono::milliseconds patience)
    : patience_(patience) {
  const auto tell_loss = [format = settings.format](std::uint64_t lines) {
    return make_line(format, LogLevel::warn, "lines of the log were lost", {}, {{"lines", lines}});
  };
  queue_ = std::make_shared<LogQueue>(descriptor, tell_loss);
  output().open(settings, queue_, is_journal(descriptor));
  output().queue = queue_;
  queue_->start();
}

Background::~Background() {
  queue_->finish(patience_);
}

std::uint64_t lost_lines() {
  const auto& queue = output().queue;
  return queue ? queue->lost() : 0;
}

void set_level(LogLevel level) {
  output().level = level;
}

bool enabled(LogLevel level) {
  return level >= output().level.load(std::memory_order_relaxed);
}

void write(LogLevel level, std::string_view event, Fields fields) {
  if (enabled(level)) write_line(level, event, {}, fields);
}

void Context::add(Fields fields) {
  for (const Field& field : fields) append_field(rendered_, output().format, field);
}

void Context::write(LogLevel level, std::string_view event, Fields fields) const {
  if (enabled(level)) write_line(level, event, rendered_, fields);
}

}  // namespace sluice::proxy::log
