#include "filters/requirements/requirements.hpp"

#include <doctest/doctest.h>

#include "filters/stream/stream_filter.hpp"
#include "protocol/binlog/primary_key.hpp"
#include "unit/protocol/binlog/binlog_builder.hpp"
#include "unit/protocol/binlog/recordings.hpp"

using namespace sluice;
using filters::Reaction;
using filters::RequirementsWatch;
using filters::StreamFilter;
using filters::TableNotes;
using test::BinlogBuilder;

namespace {

const filters::TableRules drop_system;

struct Outcome {
  std::string warnings;  ///< "key app.t; engine app.u MyISAM"
  std::string failure;
};

Outcome watch(const BinlogBuilder& builder, filters::TableRequirements requirements = {},
              std::shared_ptr<TableNotes> notes = std::make_shared<filters::OwnTableNotes>()) {
  Outcome outcome;
  RequirementsWatch watch(requirements, notes, [&](const filters::TableComplaint& complaint) {
    if (!outcome.warnings.empty()) outcome.warnings += "; ";
    outcome.warnings += complaint.about == TableNotes::About::innodb ? "engine " : "key ";
    outcome.warnings += complaint.table;
    if (!complaint.engine.empty()) outcome.warnings.append(" ").append(complaint.engine);
  });
  StreamFilter filter(drop_system, {filters::Framing::packets, &watch});
  Buffer stream = builder.stream();
  (void)filter.scan(stream);
  if (filter.failure()) outcome.failure = filter.failure()->reason;
  return outcome;
}

BinlogBuilder mysql() {
  BinlogBuilder builder({"8.0.36", 42, true, false});
  builder.begin_dump();
  return builder;
}

void insert(BinlogBuilder& builder, std::string_view table, std::string_view schema = "app") {
  builder.begin().table_map(1, schema, table).rows(1, true).xid();
}

void ddl(BinlogBuilder& builder, std::string_view text) {
  builder.standalone_gtid().query(text);
}

}  // namespace

TEST_CASE("rows of a table made without a primary key are warned of once") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE t (a INT)");
  ddl(builder, "CREATE TABLE with_key (a INT PRIMARY KEY)");
  for (int i = 0; i < 3; ++i) {
    insert(builder, "t");
    insert(builder, "with_key");
    insert(builder, "never_heard_of");
  }
  CHECK(watch(builder).warnings == "key app.t");
  CHECK(watch(builder, {Reaction::ignore, Reaction::warn}).warnings == "");
  const Outcome refused = watch(builder, {Reaction::refuse, Reaction::warn});
  CHECK(refused.warnings == "");
  CHECK(refused.failure == "table app.t has no primary key, which relay.requirements demands");
}

TEST_CASE("a table that is never written, or has its key by then, is not complained about") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE t (a INT)");
  ddl(builder, "CREATE TABLE u (a INT)");
  ddl(builder, "ALTER TABLE u ADD PRIMARY KEY (a)");
  insert(builder, "u");
  ddl(builder, "CREATE TABLE v (a INT)");
  ddl(builder, "DROP TABLE v");
  insert(builder, "v");
  ddl(builder, "CREATE TABLE shop.w (a INT)");
  ddl(builder, "CREATE TABLE shopping.w (a INT)");
  ddl(builder, "DROP DATABASE shop");
  insert(builder, "w", "shop");
  CHECK(watch(builder).warnings == "");
}

TEST_CASE("a dot within a name is not the one between schema and table") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE `a.b`.`c` (a INT)");
  insert(builder, "b.c", "a");
  CHECK(watch(builder).warnings == "");
  ddl(builder, "DROP DATABASE a");
  insert(builder, "c", "a.b");
  CHECK(watch(builder).warnings == "key `a.b`.c");
}

TEST_CASE("what is known of a table follows its names and its copies") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE t (a INT)");
  ddl(builder, "CREATE TABLE u LIKE t");
  ddl(builder, "RENAME TABLE t TO t2");
  ddl(builder, "CREATE TABLE t (a INT PRIMARY KEY)");
  ddl(builder, "ALTER TABLE t2 RENAME TO t3");
  insert(builder, "t");
  insert(builder, "t3");
  insert(builder, "u");
  ddl(builder, "ALTER TABLE t DROP PRIMARY KEY");
  insert(builder, "t");
  CHECK(watch(builder).warnings == "key app.t3; key app.u; key app.t");
}

TEST_CASE("a table that loses its key is warned of, though its TABLE_MAP stays the same") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE t (a INT PRIMARY KEY)");
  insert(builder, "t");
  insert(builder, "t");
  CHECK(watch(builder).warnings == "");
  ddl(builder, "ALTER TABLE t DROP PRIMARY KEY");
  insert(builder, "t");
  CHECK(watch(builder).warnings == "key app.t");
}

TEST_CASE("engines other than InnoDB are warned of once for each table") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE t (a INT PRIMARY KEY) ENGINE=MyISAM");
  ddl(builder, "ALTER TABLE t ENGINE=MyISAM");
  ddl(builder, "CREATE TABLE u (a INT PRIMARY KEY) ENGINE=innodb");
  ddl(builder, "CREATE TABLE v (a INT PRIMARY KEY)");
  ddl(builder, "ALTER TABLE v ENGINE=ARCHIVE");
  CHECK(watch(builder).warnings == "engine app.t MyISAM; engine app.v ARCHIVE");
  CHECK(watch(builder, {Reaction::warn, Reaction::ignore}).warnings == "");
  CHECK(watch(builder, {Reaction::warn, Reaction::refuse}).failure ==
        "table app.t gets the engine MyISAM, and relay.requirements demands InnoDB");
}

TEST_CASE("dropped tables are not watched") {
  BinlogBuilder builder = mysql();
  ddl(builder, "CREATE TABLE mysql.t (a INT) ENGINE=MyISAM");
  insert(builder, "t", "mysql");
  const Outcome outcome = watch(builder, {Reaction::refuse, Reaction::refuse});
  CHECK(outcome.warnings == "");
  CHECK(outcome.failure == "");
}

TEST_CASE("the sessions of a relay complain once together, and know what one has seen") {
  const auto notes = std::make_shared<filters::OwnTableNotes>();
  BinlogBuilder first = mysql();
  ddl(first, "CREATE TABLE t (a INT) ENGINE=MyISAM");
  CHECK(watch(first, {}, notes).warnings == "engine app.t MyISAM");
  BinlogBuilder second = mysql();
  insert(second, "t");
  CHECK(watch(second, {}, notes).warnings == "key app.t");
  CHECK(watch(second, {}, notes).warnings == "");
  CHECK(watch(first, {}, notes).warnings == "");
  CHECK(watch(second, {Reaction::refuse, Reaction::warn}, notes).failure != "");
}

TEST_CASE("no more tables are remembered than there is room for") {
  filters::OwnTableNotes notes;
  for (std::size_t i = 0; i < filters::max_noted_tables + 10; ++i) {
    notes.set_keyless("app.t" + std::to_string(i), true);
  }
  CHECK(notes.keyless().size() == filters::max_noted_tables);
  CHECK(notes.first_complaint(TableNotes::About::innodb, "app.t"));
}

TEST_CASE("MariaDB's compressed statements are read too") {
  BinlogBuilder builder({"10.11.19-MariaDB-log", 171, true, false});
  builder.begin_dump();
  builder.standalone_gtid().query_compressed("CREATE TABLE t (a INT) /*" + std::string(500, 'x') +
                                             "*/ ENGINE=Aria");
  builder.standalone_gtid().query_compressed("INSERT INTO t SELECT 'CREATE TABLE'");
  insert(builder, "t");
  CHECK(watch(builder).warnings == "engine app.t Aria; key app.t");
}

TEST_CASE("a TABLE_MAP says whether there is a primary key when the master writes all it knows") {
  Buffer body;
  Writer writer(body);
  writer.u48(1).u16(1).lenenc_text("app").u8(0).lenenc_text("t").u8(0);
  writer.lenenc(1).u8(3).lenenc(0).u8(1);
  const auto says = [](Bytes event) {
    const auto map = binlog::parse_table_map(event);
    return map ? binlog::says_primary_key(*map) : std::nullopt;
  };
  REQUIRE(binlog::parse_table_map(body));
  CHECK(says(body) == std::nullopt);
  const auto with = [&](std::initializer_list<std::uint8_t> fields) {
    Buffer more(body);
    more.insert(more.end(), fields.begin(), fields.end());
    return says(more);
  };
  CHECK(with({1, 1, 0x80}) == std::nullopt);  // signedness alone: MINIMAL
  CHECK(with({1, 1, 0x80, 4, 2, 1, 'a'}) == false);
  CHECK(with({1, 1, 0x80, 4, 2, 1, 'a', 8, 1, 0}) == true);
  CHECK(with({4, 2, 1, 'a', 9, 2, 0, 3}) == true);
  CHECK(with({4, 2, 1}) == std::nullopt);  // cut
  for (std::size_t size = 0; size < body.size(); ++size) {
    CHECK(says(Bytes(body).first(size)) == std::nullopt);
  }
  Buffer long_name;  // whose size takes three bytes
  Writer(long_name).u48(1).u16(1).lenenc_text(std::string(251, 'n')).u8(0).lenenc_text("t").u8(0);
  Writer(long_name).lenenc(1).u8(3).lenenc(0).u8(1).u8(8).u8(1).u8(0);
  CHECK(says(long_name) == true);
}

TEST_CASE("recorded streams pass under the watch byte for byte") {
  const filters::TableRules keep(filters::SystemSchema::keep, {}, {});
  std::size_t complaints = 0;
  for (const auto& recording : test::recordings()) {
    CAPTURE(recording.name);
    RequirementsWatch watch({}, std::make_shared<filters::OwnTableNotes>(),
                            [&](const filters::TableComplaint&) { ++complaints; });
    StreamFilter filter(keep, {filters::packets(recording.semi_sync()), &watch});
    if (recording.has("within")) {
      filter.adopt_context({filters::GroupState::Phase::in_transaction, {}, false});
    }
    Buffer stream(recording.stream);
    CHECK(filter.scan(stream) == stream.size());
    CHECK(stream == recording.stream);
  }
  CHECK(complaints == 0);  // all of their tables have a key, and are InnoDB's
}
