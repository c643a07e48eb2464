#include "proxy/tap/command.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>

#include "proxy/base/escaped_text.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/events/output.hpp"
#include "proxy/tap/tap_client.hpp"
#include "proxy/tap/tap_filter.hpp"

namespace sluice::proxy::tap {
namespace {

/// Below the relay, beside which it may run.
constexpr int niceness = 10;
constexpr mode_t for_the_owner = 0600;

struct Arguments {
  std::string admin = "http://127.0.0.1:9104";
  std::string token_file;
  std::string ca;
  std::vector<std::uint32_t> sessions;
  bool next = false;
  std::vector<std::string> types;
  std::vector<std::string> schemas;
  bool dropped = false;
  bool rows = false;
  bool json = false;
  std::string pcapng;
};

void complain(const std::string& what) {
  std::cerr << "sluice tap: " << escaped(what) << '\n';
}

int wrong(const std::string& what) {
  complain(what);
  return wrong_usage;
}

std::string target_of(const Arguments& arguments) {
  std::string target = "/api/v1/tap?format=";
  target += !arguments.pcapng.empty() ? "pcapng" : arguments.json ? "json" : "text";
  for (const auto id : arguments.sessions) target += "&session=" + std::to_string(id);
  if (arguments.next) target += "&next=1";
  for (const auto& type : arguments.types) target += "&type=" + percent_encoded(type);
  for (const auto& schema : arguments.schemas) target += "&schema=" + percent_encoded(schema);
  if (arguments.dropped) target += "&dropped=1";
  if (arguments.rows) target += "&rows=1";
  return target;
}

/// There is something to write: what another capture has left in the file goes, and nobody else may
/// read it. Pipes and devices stay as they are. false: errno says why not.
bool begin_file(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return false;
  return !S_ISREG(status.st_mode) ||
         (::fchmod(descriptor, for_the_owner) == 0 && ::ftruncate(descriptor, 0) == 0);
}

int write_out(const Arguments& arguments, const TapConnection& connection, int descriptor) {
  std::signal(SIGPIPE, SIG_IGN);
  (void)::setpriority(PRIO_PROCESS, 0, niceness);
  events::Output out(descriptor);
  const bool packets = !arguments.pcapng.empty();
  int problem = 0;
  const auto connected = [&] {
    if (descriptor != STDOUT_FILENO && !begin_file(descriptor)) problem = errno;
    if (problem != 0) return false;
    if (arguments.next) std::cerr << "sluice tap: waiting for the next connection\n";
    return true;
  };
  const auto end = read_tap(connection, connected, [&](std::string_view message, bool is_text) {
    if (packets && is_text) {
      std::cerr << "sluice tap: " << message << std::flush;
    } else {
      out.write(message);
      out.flush();
    }
    problem = out.error();
    return problem == 0;
  });
  if (problem == EPIPE && descriptor == STDOUT_FILENO) {
    std::signal(SIGPIPE, SIG_DFL);
    return std::raise(SIGPIPE);
  }
  if (problem != 0) {
    complain("writing: " + std::string(std::strerror(problem)));
    return failed;
  }
  complain(end.reason);
  return end.good ? done : failed;
}

int run(const Arguments& arguments) {
  TapConnection connection;
  auto url = parse_admin_url(arguments.admin);
  if (!url) return wrong(url.error());
  connection.url = *std::move(url);
  if (!arguments.ca.empty()) {
    const std::string why = why_unreadable(arguments.ca);
    if (!why.empty()) return wrong("--ca: " + arguments.ca + " cannot be read: " + why);
  }
  auto tls = trust(arguments.ca);
  if (!tls) return wrong("--ca: " + arguments.ca + " holds no certificate: " + tls.error());
  connection.tls = *std::move(tls);
  connection.target = target_of(arguments);
  if (!arguments.token_file.empty()) {
    auto token = read_secret(arguments.token_file);
    if (!token) return wrong(token.error().why);
    connection.token = *std::move(token);
    if (!connection.url.tls && !connection.url.is_loopback()) {
      return wrong("a token goes to another machine over TLS only: --admin https://HOST:PORT");
    }
  }
  if (!arguments.pcapng.empty() && arguments.json) return wrong("either --json or --pcapng");
  // What the server would refuse is wrong usage too, and needs no server to be told.
  const std::string query = connection.target.substr(connection.target.find('?') + 1);
  if (const auto filter = parse_tap_filter(query); !filter) return wrong(filter.error());
  if (arguments.pcapng.empty() || arguments.pcapng == "-") {
    if (!arguments.pcapng.empty() && ::isatty(STDOUT_FILENO) != 0) {
      return wrong("pcapng is not for a terminal: name a file, or pipe it into tshark -r -");
    }
    return write_out(arguments, connection, STDOUT_FILENO);
  }
  const int file = ::open(arguments.pcapng.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, for_the_owner);
  if (file < 0) {
    return wrong("--pcapng: " + arguments.pcapng + ": " + std::strerror(errno));
  }
  const int status = write_out(arguments, connection, file);
  // Some file systems tell only now that there was no room.
  if (::close(file) != 0 && status == 0) {
    complain(arguments.pcapng + ": " + std::strerror(errno));
    return failed;
  }
  return status;
}

}  // namespace

void add_command(CLI::App& app, std::function<int()>& chosen) {
  auto arguments = std::make_shared<Arguments>();
  auto& command =
      *app.add_subcommand("tap", "Watch the packets and events of a running relay, as it goes on");
  command.footer(
      "Examples:\n"
      "  sluice tap                                     # all sessions, until Ctrl-C\n"
      "  sluice tap --session 17 --dropped\n"
      "  sluice tap --type write_rows --schema shop --json\n"
      "  sluice tap --next --pcapng - | tshark -r -\n"
      "\n"
      "A line is time (UTC), session, direction (-> to the replica, <- from it), position, type,\n"
      "size, verdict, table or kind of statement, GTID. Replication never waits: what is not read\n"
      "in time is left out, and counted. Passwords, nonces and the content of what is dropped are\n"
      "never shown; statements, rows and whole packets where [admin] tap = \"full\" and the relay\n"
      "drops the system schema.\n"
      "Exit status: 0 the session that was chosen has ended, 1 failed, 2 wrong usage.");
  command
      .add_option(
          "--admin", arguments->admin,
          "The relay's admin interface; without http:// or https:// it is https, except for "
          "a loopback address")
      ->type_name("URL")
      ->capture_default_str();
  command.add_option("--token-file", arguments->token_file, "A file with its token")
      ->type_name("FILE");
  command
      .add_option("--ca", arguments->ca, "The authority of its certificate (default: the system's)")
      ->type_name("FILE");
  command
      .add_option("--session", arguments->sessions,
                  "Only this session, until it ends; may be given again")
      ->type_name("ID");
  command.add_flag("--next", arguments->next,
                   "The session that begins next, from its first packet on");
  command
      .add_option("--type", arguments->types,
                  "Only events whose type begins so, such as write_rows; packet is what is no "
                  "event")
      ->type_name("NAME");
  command.add_option("--schema", arguments->schemas, "Only events of this schema")
      ->type_name("NAME");
  command.add_flag("--dropped", arguments->dropped, "Only events that are dropped");
  command.add_flag("--rows", arguments->rows, "The rows of row events that pass");
  command.add_flag("--json", arguments->json, "A JSON object a line");
  command
      .add_option(
          "--pcapng", arguments->pcapng,
          "Packets for Wireshark, into a file (written anew) or, for -, to the standard output; "
          "without options that choose events")
      ->type_name("FILE");
  command.callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace sluice::proxy::tap
