// ResponseReader and AnswerCollector: the payloads of answers to queries.
// Input: capabilities, limit, then payloads.
#include "fuzz/fuzz.hpp"
#include "protocol/wire/result_set.hpp"

using namespace sluice;
using fuzz::exact;
using fuzz::expect;
using Progress = wire::ResponseReader::Progress;

FUZZ_TARGET(answers) {
  fuzz::Choices choices(input);
  const wire::Capabilities capabilities(choices.number(4));
  const auto limit = static_cast<std::size_t>(choices.number(2));

  wire::ResponseReader reader(capabilities);
  wire::AnswerCollector collector(capabilities, limit);
  std::size_t given = 0;
  bool collecting = true;
  bool broken = false;
  while (choices.any()) {
    const Buffer payload = exact(choices.message());
    given += payload.size();
    const Progress progress = reader.feed(payload);
    expect(!broken || progress == Progress::malformed, "malformed is final");
    broken = progress == Progress::malformed;
    if (!collecting) continue;
    const Progress collected = collector.feed(payload);
    expect(collected == progress || collected == Progress::malformed,
           "the collector accepts nothing that the reader does not");
    collecting = collected == Progress::more;
    expect(!collecting || given <= limit, "no more than the limit is collected");
    if (collected != Progress::complete) continue;
    const auto& set = collector.result_set();
    expect(!collector.error() || set.rows.empty() || !set.columns.empty(), "rows have columns");
    for (const auto& row : set.rows) expect(row.size() == set.columns.size(), "rows are whole");
  }
}
