#include "proxy/master/master_binlogs.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::proxy {
namespace {

/// Whether `a` was begun after `b`: the same name with a higher number behind the dot, which gets
/// longer when six digits are used up.
bool is_newer(std::string_view a, std::string_view b) {
  if (a.substr(0, a.rfind('.')) != b.substr(0, b.rfind('.'))) return false;
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

}  // namespace

std::optional<std::uint64_t> MasterBinlogs::bytes_behind(std::string_view file,
                                                         std::uint64_t position) const {
  if (files.empty() || file.empty()) return std::nullopt;
  // Those of MariaDB's binlog_storage_engine have all of their size from the beginning.
  if (file.ends_with(".ibb")) return std::nullopt;
  if (is_newer(file, files.back().name)) return 0;
  const auto here = std::ranges::find(files, file, &File::name);
  if (here == files.end()) return std::nullopt;
  std::uint64_t bytes = here->size > position ? here->size - position : 0;
  for (auto later = here + 1; later != files.end(); ++later) bytes += later->size;
  return bytes;
}

MasterBinlogs parse_binary_logs(const wire::ResultSet& answer) {
  MasterBinlogs made;
  for (const wire::Row& row : answer.rows) {
    MasterBinlogs::File file;
    if (row.size() < 2 || !row[0] || !row[1]) return {};
    file.name = *row[0];
    const char* end = row[1]->data() + row[1]->size();
    const auto parsed = std::from_chars(row[1]->data(), end, file.size);
    if (parsed.ec != std::errc() || parsed.ptr != end) return {};
    made.files.push_back(std::move(file));
  }
  return made;
}

}  // namespace sluice::proxy
