// Packet framing: `len:3 | sequence:1 | payload`, split at 16 MiB - 1.
#pragma once

#include "protocol/bytes.hpp"

namespace sluice::wire {

inline constexpr std::size_t packet_header_size = 4;
/// A payload of exactly this size says "more follows" (sql-common/net_serv.cc, MAX_PACKET_LENGTH).
inline constexpr std::size_t max_packet_payload = 0xFFFFFF;
/// Room for what a login is, with its attributes: what holds a password must not grow, as it would
/// leave itself behind in memory.
inline constexpr std::size_t largest_login = 4096;

/// Frames `payload` and appends it. Payloads of 0xFFFFFF bytes and more are split; an exact
/// multiple ends with an empty packet. `sequence` is the number of the first packet and is left at
/// the next free one (it wraps).
void append_packet(Buffer& out, Bytes payload, std::uint8_t& sequence);

/// Joins packets to whole payloads, for the phases where payloads are small: login, commands,
/// answers. It takes no byte behind the payload it completes: what follows an SSLRequest belongs to
/// TLS.
class PacketAssembler {
 public:
  enum class Status { need_more, complete, too_large, bad_sequence };
  struct Step {
    Status status;
    std::size_t consumed;  // bytes of the input that were used; the rest stays with the caller
  };

  /// `limit`: the largest whole payload, in bytes, that is accepted. Nothing is kept of a larger
  /// one.
  explicit PacketAssembler(std::size_t limit) : limit_(limit) {}
  PacketAssembler(const PacketAssembler&) = delete;
  PacketAssembler& operator=(const PacketAssembler&) = delete;
  ~PacketAssembler();

  /// Takes bytes up to the end of one payload. Errors are final.
  [[nodiscard]] Step feed(Bytes input);

  /// So many bytes are certain to be part of the payload under way, or to come.
  [[nodiscard]] std::size_t wanted() const {
    return header_size_ < packet_header_size ? packet_header_size - header_size_ : missing_;
  }

  /// The payload after `complete`; valid until the next feed().
  [[nodiscard]] Bytes payload() const { return payload_; }
  /// The number of the packet that completed the payload, plus one: where an answer starts.
  [[nodiscard]] std::uint8_t next_sequence() const { return sequence_; }

  /// The number the next packet must carry.
  void expect_sequence(std::uint8_t sequence) { sequence_ = sequence; }
  /// Within the compressed protocol nobody looks at them (sql-common/net_serv.cc, my_net_read).
  void accept_any_sequence() { any_sequence_ = true; }

 private:
  [[nodiscard]] Status take_header();
  void begin_payload();

  std::size_t limit_;
  Buffer payload_;
  std::uint8_t header_[packet_header_size] = {};
  std::size_t header_size_ = 0;  // bytes of the header that are there
  std::size_t missing_ = 0;      // bytes of the current packet's payload that are not
  std::uint8_t sequence_ = 0;
  bool any_sequence_ = false;
  bool started_ = false;
  bool more_follows_ = false;
  Status failure_ = Status::need_more;  // or the error that is final
};

}  // namespace sluice::wire
