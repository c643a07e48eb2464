// The users that may log in to Sluice, as hashes only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/auth/caching_sha2.hpp"
#include "protocol/auth/native_password.hpp"
#include "protocol/auth/secret.hpp"

namespace sluice::auth {

/// Everything that a user's password can be checked against. A clear password is turned into hashes
/// at once and not kept.
class Verifier {
 public:
  /// An empty password opens nothing.
  [[nodiscard]] static Verifier from_password(const Secret& password);
  /// `*` and 40 hexadecimal digits (mysql_native_password), or `$A$...`, raw or in hexadecimal
  /// (caching_sha2_password). nullopt: neither.
  [[nodiscard]] static std::optional<Verifier> from_hash(std::string_view text);

  /// Whether a login with this plugin can be checked.
  [[nodiscard]] bool supports(std::string_view plugin) const;

  [[nodiscard]] bool check_native(std::string_view response, std::string_view nonce) const;
  /// The fast path of caching_sha2_password: false also if it is not open yet.
  [[nodiscard]] bool check_fast(std::string_view response, std::string_view nonce) const;
  /// Full authentication. Takes equally long whatever is stored.
  [[nodiscard]] bool check_password(const Secret& password) const;

  /// Opens the fast path after a successful full authentication.
  void remember(const Sha256Digest& digest) { digest_ = digest; }

  /// Whether they are made of the same password or hash, and know the same.
  bool operator==(const Verifier&) const = default;

 private:
  std::optional<Sha1Digest> native_;
  std::optional<Sha256Digest> digest_;
  std::optional<CachingSha2Hash> sha2_hash_;
};

struct Account {
  std::string name;
  std::string plugin;  // the one that must be used; empty: any that the verifier supports
  Verifier verifier;
  bool known = true;  // false: stands in for a user that does not exist; no password is right

  bool operator==(const Account&) const = default;
};

/// The configured users. Not synchronised.
class Accounts {
 public:
  void add(Account account) { accounts_.push_back(std::move(account)); }

  /// A copy of that user's account. For a user that does not exist, one that asks for the same
  /// plugins as a configured one (always the same one for the same name) and that no password
  /// opens: who guesses names sees no difference.
  [[nodiscard]] Account find(std::string_view name) const;

  /// Opens the fast path of caching_sha2_password for that user.
  void remember(std::string_view name, const Sha256Digest& digest);

 private:
  std::vector<Account> accounts_;
};

}  // namespace sluice::auth
