#include "proxy/config/config_credentials.hpp"

#include <openssl/crypto.h>

#include <string>

#include "proxy/base/list_text.hpp"
#include "proxy/config/config_files.hpp"
#include "proxy/config/password_limits.hpp"

namespace sluice::proxy {
namespace {

// Which of the keys is there, if it is exactly one.
std::optional<std::string_view> only_source(Section& section,
                                            std::initializer_list<std::string_view> keys) {
  std::optional<std::string_view> source;
  std::string names;
  for (const std::string_view key : keys) {
    add_to_list(names, key);
    if (!section.has(key)) continue;
    if (source) {
      section.error_at(section.key_position(key), key,
                       "there is a '" + std::string(*source) + "' already; one of the two must go");
      return std::nullopt;
    }
    source = key;
  }
  if (!source) section.missing("password", "one of " + names);
  return source;
}

std::optional<auth::Secret> password_from_text(Section& section) {
  std::string text;
  if (!section.text("password", text)) return std::nullopt;
  const ConfigReading& reading = section.reading();
  if (is_world_readable(reading.file().string())) {
    section.warning("password",
                    "everybody on this machine may read this file (chmod o-r helps, or "
                    "password_file)",
                    reading.file().string());
  }
  auth::Secret password(text);
  OPENSSL_cleanse(text.data(), text.size());
  return password;
}

std::optional<auth::Secret> password_from_file(Section& section) {
  std::string name;
  if (!section.text("password_file", name)) return std::nullopt;
  const std::string path = section.reading().resolve(name);
  auto secret = read_secret(path);
  if (!secret) {
    section.error("password_file", secret.error().why);
    return std::nullopt;
  }
  warn_if_world_readable(section, "password_file", path);
  return *std::move(secret);
}

std::optional<auth::Secret> password_from_environment(Section& section) {
  std::string name;
  if (!section.text("password_env", name)) return std::nullopt;
  auto secret = read_secret_variable(name);
  if (!secret) {
    // Not its name: it may be a password that somebody has put into the wrong key.
    section.error("password_env",
                  "there is no environment variable of this name: set it for this command, as "
                  "it is set for the service");
    return std::nullopt;
  }
  if (!*secret) {
    section.error("password_env", "what is in it " + secret->error().why);
    return std::nullopt;
  }
  return **std::move(secret);
}

// All sources are asked for, so that their keys are known; the file has one of them.
std::optional<auth::Secret> password_from_source(Section& section) {
  auto text = password_from_text(section);
  auto file = password_from_file(section);
  auto environment = password_from_environment(section);
  return text ? text : file ? file : environment;
}

/// What a replica is to log in with.
void judge_password(Section& section, std::string_view source, const auth::Secret& password) {
  const std::string_view text = password.reveal();
  if (text.empty()) {
    section.error(source, "is empty: such a user could not log in");
  } else if (auth::Verifier::from_hash(text) || text.starts_with("password_hash = ")) {
    section.error(source,
                  "is the hash of a password: it belongs in password_hash = \"...\" of this file");
  } else if (text.size() > longest_for_mysql) {
    section.warning(source, "is longer than the " + std::to_string(longest_for_mysql) +
                                " characters that replicas of MySQL take (MariaDB: " +
                                std::to_string(longest_for_mariadb) + ")");
  }
}

/// Anybody who may connect can have them gone through for each guess, on a thread that has other
/// replicas too. Their number is that of a server's caching_sha2_password_digest_rounds.
void judge_rounds(Section& section, std::string_view hash) {
  constexpr std::uint32_t many = 20'000;       // takes as long as a TLS handshake or two
  constexpr std::uint32_t too_many = 200'000;  // the better part of a second
  const auto parsed = auth::parse_caching_sha2_hash(hash);
  if (!parsed || parsed->rounds <= many) return;
  const std::string text =
      "takes " + std::to_string(parsed->rounds) +
      " rounds, for which whoever guesses passwords keeps other replicas waiting: ";
  const std::string advice = "sluice passwd makes a hash of 5000";
  if (parsed->rounds > too_many) {
    section.error("password_hash", text + std::to_string(too_many) + " are the most, " + advice);
  } else {
    section.warning("password_hash", text + advice);
  }
}

std::optional<auth::Verifier> read_verifier(Section& section) {
  const auto source =
      only_source(section, {"password", "password_file", "password_env", "password_hash"});
  const auto password = password_from_source(section);
  std::string hash;
  const bool has_hash = section.text("password_hash", hash);
  if (!source) return std::nullopt;
  if (!has_hash) {
    if (!password) return std::nullopt;
    judge_password(section, *source, *password);
    return auth::Verifier::from_password(*password);
  }
  auto verifier = auth::Verifier::from_hash(hash);
  if (!verifier) {
    section.error("password_hash",
                  "is neither '*' and 40 hexadecimal digits (mysql_native_password) nor '$A$...' "
                  "(caching_sha2_password), as a server's mysql.user has it");
  }
  judge_rounds(section, hash);
  return verifier;
}

}  // namespace

void warn_if_world_readable(Section& section, std::string_view key, const std::string& path) {
  if (is_world_readable(path)) {
    section.warning(key, "everybody on this machine may read '" + path + "' (chmod o-r helps)",
                    path);
  }
}

std::optional<auth::Secret> read_password(Section& section) {
  const auto source = only_source(section, {"password", "password_file", "password_env"});
  auto password = password_from_source(section);
  if (source && password && password->empty()) section.warning(*source, "is empty");
  return source ? password : std::nullopt;
}

std::optional<auth::Account> read_account(Section& section, std::string name) {
  auth::Account account;
  account.name = std::move(name);
  static const Names<std::string, 2> plugins{{{"caching_sha2_password", "caching_sha2_password"},
                                              {"mysql_native_password", "mysql_native_password"}}};
  section.choice("plugin", account.plugin, plugins);
  auto verifier = read_verifier(section);
  if (!verifier) return std::nullopt;
  if (section.has("password_hash") && !account.plugin.empty() &&
      !verifier->supports(account.plugin)) {
    section.error("plugin", "a login with '" + account.plugin +
                                "' cannot be checked against this password_hash");
  }
  account.verifier = *std::move(verifier);
  return account;
}

}  // namespace sluice::proxy
