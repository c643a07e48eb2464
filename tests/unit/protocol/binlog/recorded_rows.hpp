// The binlog files of real servers in tests/data/rows, with what SELECT gave for their rows (made
// by record.py there).
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "protocol/binlog/format_description.hpp"
#include "protocol/binlog/mariadb_compression.hpp"
#include "protocol/binlog/row_images.hpp"
#include "unit/protocol/wire/wire_support.hpp"
#include "unit/test_data.hpp"

namespace sluice::test {

struct ExpectedValue {
  std::string column;
  std::string form;
  std::optional<std::string> value;  ///< nothing: NULL
};
struct ExpectedRow {
  std::string table;
  std::optional<std::vector<ExpectedValue>> before, after;
};

/// An event without header and checksum.
struct FileEvent {
  binlog::EventHeader header;
  Buffer body;
};

struct RowsFile {
  std::string name;  ///< e.g. "mysql-9.7"
  binlog::FormatDescription format;
  std::vector<FileEvent> events;
  std::vector<ExpectedRow> rows;
};

inline std::vector<FileEvent> events_of_file(Bytes file, binlog::FormatDescription& format) {
  std::vector<FileEvent> events;
  for (Bytes rest = file.subspan(4); !rest.empty();) {
    const auto header = binlog::parse_event_header(rest).value();
    const Bytes event = rest.first(header.size);
    if (header.type == binlog::EventType::format_description) {
      format = binlog::parse_format_description(event).value();
    }
    const Bytes body = event.first(event.size() - binlog::checksum_size(format.checksum))
                           .subspan(binlog::event_header_size);
    events.push_back({header, Buffer(body.begin(), body.end())});
    rest = rest.subspan(header.size);
  }
  return events;
}

inline std::vector<ExpectedRow> expected_rows(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<ExpectedRow> rows;
  std::optional<std::vector<ExpectedValue>>* image = nullptr;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> words(1);
    for (const char c : line) {
      if (c == '\t') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    if (words[0] == "table" && words.size() == 2) {
      rows.push_back({words[1], {}, {}});
    } else if (words.size() == 1) {
      image = words[0] == "before" ? &rows.back().before : &rows.back().after;
      image->emplace();
    } else {
      const bool null = words[2] == "NULL";
      (*image)->push_back(
          {words[0], words[1], null ? std::nullopt : std::optional(words[2].substr(1))});
    }
  }
  return rows;
}

/// All of them, by name.
inline const std::vector<RowsFile>& rows_files() {
  static const std::vector<RowsFile> all = [] {
    std::vector<RowsFile> found;
    for (const auto& entry : std::filesystem::directory_iterator(test_data("rows"))) {
      if (entry.path().extension() != ".binlog") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const Buffer bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
      RowsFile& file = found.emplace_back();
      file.name = entry.path().stem().string();
      file.events = events_of_file(bytes, file.format);
      file.rows = expected_rows(std::filesystem::path(entry.path()).replace_extension(".rows"));
    }
    std::ranges::sort(found, {}, &RowsFile::name);
    return found;
  }();
  return all;
}

}  // namespace sluice::test
