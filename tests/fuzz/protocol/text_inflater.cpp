// What MariaDB compresses, inflated as far as is asked for. Input: two bytes of limit, whether the
// record is cut, the record.
#include "protocol/binlog/text_inflater.hpp"

#include "fuzz/fuzz.hpp"
#include "protocol/binlog/mariadb_compression.hpp"

using namespace sluice;
using fuzz::expect;

FUZZ_TARGET(text_inflater) {
  fuzz::Choices choices(input);
  const auto limit = static_cast<std::size_t>(choices.number(2));
  const bool truncated = choices.yes();
  const Buffer record = fuzz::exact(choices.rest());
  constexpr std::size_t most = std::size_t{1} << 20;
  const auto all = binlog::uncompress_event_part(record, most);

  binlog::TextInflater inflater;
  for (int again = 0; again < 2; ++again) {
    const auto inflated = inflater.inflate(record, truncated, limit);
    if (!inflated) {
      expect(!all, "what can be inflated at once can be inflated in parts");
      continue;
    }
    const auto size = binlog::uncompressed_size(record);
    expect(inflated->text.size() <= limit && inflated->text.size() <= *size,
           "no more comes out than is asked for, or announced");
    expect(!inflated->whole || inflated->text.size() == *size, "the whole is as long as announced");
    expect(truncated || !inflated->starved, "a whole record starves nobody");
    if (all) {
      expect(std::equal(inflated->text.begin(), inflated->text.end(), all->begin()),
             "the parts are the whole's");
    }
  }
}
