// The keys under which a relay seals the TLS tickets of its replicas. With TLS 1.2 whoever has the
// key of a ticket can read the whole session: none is kept for longer than its tickets are good.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>

namespace sluice::proxy {

/// How long a ticket is good (SSL_CTX_set_timeout).
inline constexpr std::chrono::hours ticket_lifetime(2);

/// For all threads.
class TicketKeys {
 public:
  using Clock = std::chrono::steady_clock;
  using Name = std::array<std::uint8_t, 16>;
  static constexpr std::chrono::hours renewed_after{1};

  struct Key {
    Name name{};  ///< stands in front of each ticket
    std::array<std::uint8_t, 32> cipher{}, mac{};
    Clock::time_point made;
    Key() = default;
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    ~Key();
  };

  /// What a new ticket is sealed with. nullopt: there are no random numbers, or no memory.
  [[nodiscard]] std::optional<Key> newest(Clock::time_point now);
  /// nullopt: there is none of that name any more.
  [[nodiscard]] std::optional<Key> find(std::span<const std::uint8_t> name, Clock::time_point now);

 private:
  void forget(Clock::time_point now);

  std::mutex mutex_;
  std::deque<Key> keys_;  // the newest first
};

/// Tickets of this context are sealed with keys of its own.
void use_ticket_keys(SSL_CTX& context);

}  // namespace sluice::proxy
