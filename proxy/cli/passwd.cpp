#include "proxy/cli/passwd.hpp"

#include <openssl/rand.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <iostream>
#include <memory>
#include <optional>

#include "protocol/auth/caching_sha2.hpp"
#include "protocol/auth/native_password.hpp"
#include "proxy/cli/exit_status.hpp"
#include "proxy/cli/terminal.hpp"
#include "proxy/config/password_limits.hpp"

namespace sluice::proxy {
namespace {

struct Arguments {
  bool native = false;
  std::string hash;  ///< to check against
};

int wrong(std::string_view problem) {
  std::cerr << "sluice passwd: " << problem << '\n';
  return wrong_usage;
}

/// Letters and digits only: what a server would choose too, but printable.
std::optional<std::string> random_salt() {
  constexpr std::string_view alphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz./";
  static_assert(alphabet.size() == 64);
  std::array<unsigned char, auth::caching_sha2_salt_size> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return std::nullopt;
  std::string salt;
  for (const unsigned char byte : bytes) salt += alphabet[byte % alphabet.size()];
  return salt;
}

std::string why_not(const Refused& refused) {
  return refused.why.empty() ? "no password" : refused.why;
}

/// From the terminal, or what comes in through a pipe or file. The error is a sentence.
std::string read_password(bool twice, auth::Secret& password) {
  const bool asks = ::isatty(STDIN_FILENO) != 0;
  auto given = asks ? ask_secret("Password: ") : read_secret_input();
  if (!given) return why_not(given.error());
  if (asks && twice) {
    const auto again = ask_secret("Again: ");
    if (!again) return why_not(again.error());
    if (!(*given == *again)) return "the two differ";
  }
  password = *std::move(given);
  return password.empty() ? "the password is empty, and an empty one lets nobody in" : "";
}

int make_hash(bool native) {
  auth::Secret password;
  if (const auto problem = read_password(true, password); !problem.empty()) return wrong(problem);
  std::string hash;
  if (native) {
    hash = auth::native_hash_text(auth::native_hash(password));
  } else {
    const auto salt = random_salt();
    if (!salt) {
      std::cerr << "sluice passwd: the system has no random numbers\n";
      return failed;
    }
    hash = auth::to_text(auth::caching_sha2_hash(password, *salt));
  }
  std::cout << "password_hash = \"" << hash << "\"\n";
  if (password.reveal().size() > longest_for_mysql) {
    std::cerr << "sluice passwd: warning: replicas of MySQL take passwords of up to "
              << longest_for_mysql << " characters, those of MariaDB of up to "
              << longest_for_mariadb << '\n';
  }
  return done;
}

int check_hash(const std::string& hash) {
  const auto native = auth::parse_native_hash(hash);
  const auto sha2 = auth::parse_caching_sha2_hash(hash);
  if (!native && !sha2) {
    return wrong(
        "that is no password_hash: neither '*' and 40 hexadecimal digits nor '$A$...'; "
        "in single quotes, or the shell reads its '$'");
  }
  auth::Secret password;
  if (const auto problem = read_password(false, password); !problem.empty()) return wrong(problem);
  const bool right = native ? auth::equal_in_constant_time(auth::view(auth::native_hash(password)),
                                                           auth::view(*native))
                            : auth::verify_caching_sha2(password, *sha2);
  std::cout << (right ? "right" : "wrong") << '\n';
  return right ? done : failed;
}

constexpr const char* examples =
    "Examples:\n"
    "  sluice passwd                                 # asks twice\n"
    "  openssl rand -base64 18 | tee azure.password | sluice passwd\n"
    "  sluice passwd --native < replica.password\n"
    "  sluice passwd --check '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'\n"
    "\n"
    "The line that it prints belongs under [[relay.replica.user]] in the configuration. Exit "
    "status: 0 done,\n1 the password is wrong, or failed, 2 wrong usage.";

}  // namespace

void add_passwd_command(CLI::App& app, std::function<int()>& chosen) {
  auto arguments = std::make_shared<Arguments>();
  auto& command = *app.add_subcommand(
      "passwd", "Make a password_hash for the configuration, from the terminal or standard input");
  command.footer(examples);
  auto* native = command.add_flag(
      "--native", arguments->native,
      "For mysql_native_password, which MariaDB and MySQL before 5.7.23 need as replicas; default: "
      "for caching_sha2_password");
  command.add_option("--check", arguments->hash, "Say whether a password is the one of this hash")
      ->type_name("HASH")
      ->excludes(native);
  command.callback([arguments, &chosen] {
    chosen = [arguments] {
      return arguments->hash.empty() ? make_hash(arguments->native) : check_hash(arguments->hash);
    };
  });
}

}  // namespace sluice::proxy
