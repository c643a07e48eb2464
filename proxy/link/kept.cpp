#include "proxy/link/kept.hpp"

#include <algorithm>

#include "proxy/link/event_start.hpp"
#include "proxy/link/gtids.hpp"
#include "proxy/master/sql_client.hpp"

namespace sluice::proxy::link {

std::string why_not_there(const Coordinates& from, const MasterBinlogs& kept) {
  const std::string place = from.file + ":" + std::to_string(from.position);
  const auto file = std::ranges::find(kept.files, from.file, &MasterBinlogs::File::name);
  if (file == kept.files.end()) {
    const std::string& oldest = kept.files.front().name;
    const std::string& newest = kept.files.back().name;
    return from.origin + ": " + place + " is not there: the master keeps " +
           (oldest == newest ? oldest : oldest + " to " + newest) + " only; make a new dump of it";
  }
  if (from.position <= file->size) return {};
  return from.origin + ": " + place + " is not there: on the master this file ends at " +
         std::to_string(file->size) + "; make a new dump of it";
}

std::string why_not_kept(SqlClient& client, const check::ServerFacts& master, bool by_gtid,
                         Coordinates& from) {
  MasterBinlogs binlogs;
  if (const auto answer = client.query("SHOW BINARY LOGS")) binlogs = parse_binary_logs(*answer);
  std::string why;
  bool asked = false;
  if (by_gtid) {
    auto verdict = judge_gtids(client, master, binlogs, from);
    why = std::move(verdict.why);
    asked = verdict.asked;
  } else if (!from.file.empty() && !binlogs.files.empty()) {
    why = why_not_there(from, binlogs);
    if (why.empty()) why = why_no_event(client, master, from);
    asked = true;
  }
  from.kept = asked && why.empty();
  return why;
}

}  // namespace sluice::proxy::link
