// The coordinates that a dump was made at, as the tools that make dumps write them down.
#pragma once

#include "proxy/link/coordinates.hpp"

namespace sluice::proxy::link {

/// Of a file or folder, the file also compressed by gzip or zstd:
///  - mysqldump, mariadb-dump: CHANGE MASTER or CHANGE REPLICATION SOURCE (--master-data,
///    --source-data, also as a comment), GTID_PURGED, gtid_slave_pos;
///  - mydumper: its folder or the `metadata` in it;
///  - MySQL Shell: its folder or the `@.json` in it.
/// `with_gtids`: a statement that tells them may stand at the very end of a file.
[[nodiscard]] Parsed<Coordinates> read_dump(const std::string& path, bool with_gtids);

/// A file of one of these kinds, read line by line as far as needed.
class DumpReader {
 public:
  explicit DumpReader(bool with_gtids) : with_gtids_(with_gtids) {}

  /// Of a line that begins so: whether the rest of it matters, however long. Rows are cut.
  [[nodiscard]] bool needs_whole(std::string_view line);
  /// A line without its end. false: nothing more is needed.
  bool take(std::string_view line);
  /// The error is the end of a sentence that begins with the file.
  [[nodiscard]] Parsed<Coordinates> finish();

 private:
  enum class Kind : std::uint8_t { unknown, statements, metadata, metadata_ini, json };

  void recognise(std::string_view line);
  void take_statement(std::string_view line);
  void take_metadata(std::string_view line);
  void take_ini(std::string_view line);
  void read_json();
  void set_file(std::string_view file, std::string_view position);
  [[nodiscard]] bool wants_more_than(std::string_view line) const;

  bool with_gtids_;
  Kind kind_ = Kind::unknown;
  Coordinates found_;
  bool in_section_ = false;  ///< of mydumper's file: the one of the master
  bool in_gtids_ = false;    ///< a set that goes on in the next line
  bool in_program_ = false;  ///< a stored one, which may have any text in it
  bool in_data_ = false;     ///< behind what tells the position
  std::string text_;         ///< of that set, or of the JSON file
  std::string refused_;      ///< why what the file names is not used; empty: it is
};

}  // namespace sluice::proxy::link
