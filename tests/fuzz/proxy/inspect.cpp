// Files as `sluice inspect` reads them: checked, filtered, read and printed. Input: two bytes of
// choices, then the events of the file behind its magic. Their checksums are made right, or nothing
// would get far.
#include <fcntl.h>

#include "fuzz/fuzz.hpp"
#include "protocol/binlog/checksum.hpp"
#include "proxy/inspect/observer.hpp"
#include "proxy/inspect/passage.hpp"

using namespace sluice;
using namespace sluice::proxy;
using namespace sluice::proxy::inspect;
using fuzz::expect;

namespace {

class MemorySource : public ByteSource {
 public:
  MemorySource(Bytes bytes, std::size_t piece) : rest_(bytes), piece_(piece) {}
  boost::system::result<std::size_t, std::string> read(MutableBytes space) override {
    const std::size_t size = std::min({space.size(), rest_.size(), piece_});
    std::copy_n(rest_.begin(), size, space.begin());
    rest_ = rest_.subspan(size);
    consumed_ += size;
    return size;
  }
  [[nodiscard]] std::uint64_t consumed() const override { return consumed_; }
  [[nodiscard]] std::optional<std::uint64_t> total() const override { return std::nullopt; }

 private:
  Bytes rest_;
  std::size_t piece_;
  std::uint64_t consumed_ = 0;
};

/// As far as the sizes of the events make sense, each gets a right checksum.
void mend_checksums(MutableBytes events) {
  while (const auto header = binlog::parse_event_header(events)) {
    if (header->size > events.size() || header->size < binlog::event_header_size + 4) return;
    const MutableBytes event = events.first(header->size);
    store_le(event.last(4).data(), binlog::crc32_of(event.first(event.size() - 4)), 4);
    events = events.subspan(header->size);
  }
}

/// Every event is said once, in order, and none is larger than the file.
class Checking : public filters::EventObserver {
 public:
  Checking(Observer& observer, std::size_t file_size)
      : observer_(observer), file_size_(file_size) {}
  [[nodiscard]] std::size_t bytes_wanted(const binlog::EventHeader& header) const override {
    return observer_.bytes_wanted(header);
  }
  [[nodiscard]] std::string see(const filters::SeenEvent& seen) override {
    if (!seen.in_payload) {
      position_ += seen.header.size;
      // Large ones are shown as they come, before it is known that the file is cut.
      expect(position_ <= file_size_ || seen.header.size > (64 << 10),
             "events lie within the file");
    }
    return observer_.see(seen);
  }

 private:
  Observer& observer_;
  std::size_t file_size_;
  std::uint64_t position_ = binlog::file_magic_size;
};

}  // namespace

FUZZ_TARGET(inspect) {
  fuzz::Choices choices(input);
  const std::uint8_t bits = choices.byte();
  const std::size_t piece = std::size_t{choices.byte()} * 16 + 1;
  Buffer file = {0xFE, 'b', 'i', 'n'};
  Writer(file).bytes(choices.rest());
  mend_checksums(MutableBytes(file).subspan(binlog::file_magic_size));

  static const int nowhere = ::open("/dev/null", O_WRONLY);
  events::Output out(nowhere);
  events::PrintOptions options;
  options.json = (bits & 1) != 0;
  options.rows = (bits & 2) != 0;
  options.statements =
      (bits & 4) != 0 ? events::ShownStatements::all : events::ShownStatements::none;
  events::EventPrinter printer(options, out);
  Summary summary;
  events::EventReader reader("file", {options.rows, (bits & 4) != 0});
  filters::RequirementsWatch watch({filters::Reaction::refuse, filters::Reaction::refuse},
                                   std::make_shared<filters::OwnTableNotes>(),
                                   [](const filters::TableComplaint&) {});
  Observer observer(reader, &printer, (bits & 16) != 0 ? &summary : nullptr,
                    (bits & 32) != 0 ? &watch : nullptr, out);
  Checking checking(observer, file.size());
  const filters::TableRules rules(
      (bits & 8) != 0 ? filters::SystemSchema::keep : filters::SystemSchema::drop, {}, {});
  filters::StreamFilter filter(rules, {filters::Framing::none, &checking, 1 << 20});
  filter.begin_file("file", binlog::file_magic_size);
  MemorySource source(file, piece);
  Progress progress(ProgressStyle::none);
  (void)Passage(source, filter, nullptr).run(progress);
  summary.end_transaction();
  summary.print_text(out);
  summary.print_json(out);
}
