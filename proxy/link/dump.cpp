#include "proxy/link/dump.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>

#include "protocol/ascii.hpp"
#include "proxy/inspect/byte_source.hpp"

namespace sluice::proxy::link {
namespace {

constexpr std::size_t longest_line = std::size_t{64} << 10;  // rows are longer, and not looked at
constexpr std::size_t largest_text = std::size_t{64} << 20;  // of a GTID set, or a JSON file

constexpr std::string_view delimiter = "DELIMITER ";
constexpr std::string_view gtid_purged = "SET @@GLOBAL.GTID_PURGED=";
constexpr std::string_view slave_position = "SET GLOBAL gtid_slave_pos=";

bool same_letter(char a, char b) {
  return to_lower(a) == to_lower(b);
}

/// Where `part` begins in `text`, without regard to case; npos: nowhere.
std::size_t find(std::string_view text, std::string_view part) {
  const auto found = std::ranges::search(text, part, same_letter);
  return found.empty() ? std::string_view::npos
                       : static_cast<std::size_t>(found.begin() - text.begin());
}

bool begins(std::string_view text, std::string_view part) {
  return find(text.substr(0, part.size()), part) == 0;
}

/// What stands behind `name` and a '=', in quotes or not.
std::string_view value_of(std::string_view text, std::string_view name) {
  const std::size_t at = find(text, name);
  if (at == std::string_view::npos) return {};
  text = trimmed(text.substr(at + name.size()));
  if (!text.starts_with('=')) return {};
  text = trimmed(text.substr(1));
  if (text.starts_with('\'')) return text.substr(1, text.find('\'', 1) - 1);
  return text.substr(0, text.find_first_of(",; \t"));
}

std::string_view unquoted(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

/// A statement, also out of a comment.
std::string_view without_marks(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of("-/* "), line.size()));
}

/// Whether that is what it says, in so many words.
bool says(const boost::json::object& object, std::string_view name, bool value) {
  const auto* found = object.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool() == value;
}

}  // namespace

void DumpReader::set_file(std::string_view file, std::string_view position) {
  const auto named = parse_position(std::string(file) + ":" + std::string(position));
  if (!named) return;
  if (found_.file.empty()) {
    found_.file = named->file;
    found_.position = named->position;
  } else if (named->file != found_.file || named->position != found_.position) {
    refused_ = "names several positions: give the right one with --position or --gtid";
  }
}

void DumpReader::recognise(std::string_view line) {
  if (trimmed(line).empty()) return;
  if (trimmed(line).starts_with('{')) {
    kind_ = Kind::json;
  } else if (line.starts_with("Started dump at:")) {
    kind_ = Kind::metadata;
  } else if (line.starts_with("# Started dump at:") || line.starts_with('[')) {
    kind_ = Kind::metadata_ini;
  } else {
    kind_ = Kind::statements;
  }
}

bool DumpReader::needs_whole(std::string_view line) {
  if (kind_ == Kind::unknown) recognise(line);
  if (kind_ != Kind::statements) return true;
  const std::string_view statement = without_marks(line);
  return in_gtids_ || begins(statement, gtid_purged) || begins(statement, slave_position);
}

bool DumpReader::take(std::string_view line) {
  if (kind_ == Kind::unknown) recognise(line);
  switch (kind_) {
    case Kind::unknown:
      return true;
    case Kind::statements:
      take_statement(line);
      return wants_more_than(line);
    case Kind::metadata:
      take_metadata(line);
      return true;
    case Kind::metadata_ini:
      take_ini(line);
      return true;
    case Kind::json:
      text_.append(line).append("\n");
      return text_.size() < largest_text;
  }
  return false;
}

void DumpReader::take_statement(std::string_view line) {
  if (in_gtids_) {
    const std::size_t end = line.find('\'');
    text_ += line.substr(0, end);
    in_gtids_ = end == std::string_view::npos && text_.size() < largest_text;
    if (end != std::string_view::npos) found_.gtids = without_blanks(text_);
    return;
  }
  if (begins(line, delimiter)) {
    in_program_ = trimmed(line.substr(delimiter.size())) != ";";
  }
  if (in_program_) return;
  in_data_ = in_data_ || begins(line, "USE ") || begins(line, "CREATE ") || begins(line, "INSERT ");
  const bool comment = line.starts_with("--") || line.starts_with("/*");
  std::string_view statement = without_marks(line);
  if (begins(statement, "CHANGE REPLICATION SOURCE TO")) {
    if (!in_data_) {
      set_file(value_of(statement, "SOURCE_LOG_FILE"), value_of(statement, "SOURCE_LOG_POS"));
    }
  } else if (begins(statement, "CHANGE MASTER ")) {  // TO, or MariaDB's 'connection' TO
    if (!in_data_) {
      set_file(value_of(statement, "MASTER_LOG_FILE"), value_of(statement, "MASTER_LOG_POS"));
    }
  } else if (begins(statement, gtid_purged)) {
    // SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'uuid:1-5,
    const std::size_t plus = statement.find("*/ '");
    const std::size_t begin = statement.find('\'', plus == std::string_view::npos ? 0 : plus);
    if (begin == std::string_view::npos) return;
    found_.restored = !comment;
    in_gtids_ = true;
    text_.clear();
    statement.remove_prefix(begin + 1);
    take_statement(statement.starts_with('+') ? statement.substr(1) : statement);
  } else if (begins(statement, slave_position)) {
    found_.gtids = without_blanks(unquoted(value_of(statement, "gtid_slave_pos")));
    found_.restored = !comment;
  }
}

/// --dump-slave names the position of each connection, in lines that follow each other.
bool DumpReader::wants_more_than(std::string_view line) const {
  if (found_.file.empty() || (with_gtids_ && !found_.gtids)) return true;
  return line.empty() || line.starts_with("--") || begins(line, "CHANGE ");
}

/// mydumper 0.10 and older: sections of "\tName: value".
void DumpReader::take_metadata(std::string_view line) {
  if (!line.starts_with('\t') && trimmed(line).ends_with(':')) {
    in_section_ = line.starts_with("SHOW MASTER STATUS");
    in_gtids_ = false;
  }
  if (!in_section_) return;
  const std::string_view text = trimmed(line);
  if (begins(text, "Log:")) {
    text_ = trimmed(text.substr(4));
  } else if (begins(text, "Pos:")) {
    set_file(text_, trimmed(text.substr(4)));
  } else if (begins(text, "GTID:")) {
    found_.gtids = without_blanks(text.substr(5));
    in_gtids_ = true;
  } else if (in_gtids_ && !text.empty()) {
    *found_.gtids += without_blanks(text);
  } else {
    in_gtids_ = false;
  }
}

/// Newer ones: an option file with a section [master] or [source].
void DumpReader::take_ini(std::string_view line) {
  const std::string_view text = trimmed(line);
  if (text.starts_with('[')) in_section_ = begins(text, "[master") || begins(text, "[source");
  const std::size_t equals = text.find('=');
  if (!in_section_ || equals == std::string_view::npos) return;
  std::string_view name = text.substr(0, equals);
  while (name.starts_with('#') || name.starts_with(' ')) name.remove_prefix(1);
  name = trimmed(name);
  const std::string_view value = unquoted(text.substr(equals + 1));
  const auto is = [name](std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [name](std::string_view one) {
      return one.size() == name.size() && begins(name, one);
    });
  };
  if (is({"File", "SOURCE_LOG_FILE", "MASTER_LOG_FILE"})) {
    text_ = value;
  } else if (is({"Position", "SOURCE_LOG_POS", "MASTER_LOG_POS"})) {
    set_file(text_, value);
  } else if (is({"Executed_Gtid_Set"})) {
    if (!value.empty()) found_.gtids = without_blanks(value);
  }
}

/// MySQL Shell's @.json
void DumpReader::read_json() {
  boost::system::error_code error;
  const auto parsed = boost::json::parse(text_, error);
  if (error || !parsed.is_object()) return;
  const auto& all = parsed.get_object();
  if (says(all, "consistent", false)) {
    refused_ = "was made with consistent: false: its tables are of different moments";
  } else if (with_gtids_ && says(all, "gtidExecutedInconsistent", true)) {
    refused_ = "says that its gtidExecuted is not consistent: link it by file and position";
  }
  const auto* file = all.if_contains("binlogFile");
  const auto* position = all.if_contains("binlogPosition");
  if (file != nullptr && position != nullptr && file->is_string() && position->is_number()) {
    const auto number = position->to_number<std::uint64_t>(error);
    if (!error) set_file(file->get_string(), std::to_string(number));
  }
  const auto* gtids = all.if_contains("gtidExecuted");
  if (gtids != nullptr && gtids->is_string() && !gtids->get_string().empty()) {
    found_.gtids = without_blanks(gtids->get_string());
  }
}

Parsed<Coordinates> DumpReader::finish() {
  if (kind_ == Kind::json) read_json();
  if (found_.gtids && found_.gtids->empty()) found_.gtids.reset();
  if (!refused_.empty()) return Refused::because(refused_);
  if (found_.file.empty() && !found_.gtids) {
    return Refused::because(
        "names no coordinates: mysqldump writes them with --source-data=2 (before 8.0.26 and on "
        "MariaDB --master-data=2)");
  }
  return found_;
}

namespace {

/// The file that holds the coordinates: in a folder that of mydumper or MySQL Shell.
std::string file_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return path;
  for (const char* name : {"@.json", "metadata"}) {
    const auto file = std::filesystem::path(path) / name;
    if (std::filesystem::exists(file, error)) return file.string();
  }
  return {};
}

/// Adds to the line as much of `more` as is looked at. false: it is needed whole, and too long.
bool extend(std::string& line, std::string_view more, DumpReader& reader) {
  const std::size_t room = longest_line - std::min(longest_line, line.size());
  line += more.substr(0, room);
  if (more.size() <= room || !reader.needs_whole(line)) return true;
  more.remove_prefix(room);
  if (more.size() > largest_text - line.size()) return false;
  line += more;
  return true;
}

/// The error of reading; empty: none.
std::string feed(inspect::ByteSource& source, DumpReader& reader) {
  std::string line;
  std::size_t first_line = 0;
  bool in_first_line = true;
  Buffer space(std::size_t{256} << 10);
  while (true) {
    const auto count = source.read(space);
    if (!count) return count.error();
    if (*count == 0) break;
    std::string_view text = as_text(Bytes(space).first(*count));
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      first_line += in_first_line ? text.substr(0, end).size() : 0;
      // What has no lines, such as /dev/zero, may have no end.
      if (first_line > largest_text) return "its first line is longer than 64 MiB: it is no dump";
      if (!extend(line, text.substr(0, end), reader)) return "a GTID set has more than 64 MiB";
      if (end == std::string_view::npos) break;
      if (!reader.take(line)) return {};
      in_first_line = false;
      line.clear();
      text.remove_prefix(end + 1);
    }
  }
  if (!line.empty()) reader.take(line);
  return {};
}

}  // namespace

Parsed<Coordinates> read_dump(const std::string& path, bool with_gtids) {
  const std::string file = file_of(path);
  if (file.empty())
    return Refused::because(path + " holds neither mydumper's metadata nor MySQL Shell's @.json");
  std::error_code unknown;
  if (std::filesystem::is_character_file(file, unknown)) {
    return Refused::because(file + " is neither a file nor a pipe");
  }
  auto source = inspect::open_source(file);
  if (!source) return Refused::because(file + ": " + source.error());
  DumpReader reader(with_gtids);
  if (const auto error = feed(**source, reader); !error.empty()) {
    return Refused::because(file + ": " + error);
  }
  auto found = reader.finish();
  if (!found) return Refused::because(file + " " + found.error().why);
  found->origin = path;
  return found;
}

}  // namespace sluice::proxy::link
