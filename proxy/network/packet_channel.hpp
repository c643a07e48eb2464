// Whole packets over a connection, for login, questions and answers. The stream of a dump goes
// another way (dump_relay.hpp).
#pragma once

#include <memory>
#include <optional>

#include "protocol/wire/packet.hpp"
#include "proxy/network/connection.hpp"

namespace sluice::proxy {

class PacketChannel {
 public:
  /// `limit`: the largest payload accepted, in bytes.
  PacketChannel(std::shared_ptr<Connection> connection, std::size_t limit)
      : connection_(std::move(connection)), assembler_(limit) {}

  /// Reads one whole payload and not a byte more, as what follows may be a TLS handshake or the
  /// stream of a dump, unless it may read_ahead(). Nothing: the connection is at its end or what
  /// came was no packet, and connection().error() says which. The payload is valid until the next
  /// read.
  [[nodiscard]] Task<std::optional<Bytes>> read();

  /// From here on nothing but packets comes: what there is of them is read, up to `size` bytes at
  /// once. Within the compressed protocol nothing changes, as its numbers start anew with each
  /// command.
  void read_ahead(std::size_t size) {
    if (connection_->compressed() == nullptr) ahead_.resize(size);
  }

  /// Behind the login, where both sides have agreed on it.
  void start_compression(wire::CompressionSetting setting, std::size_t max_plain) {
    connection_->start_compression(setting, max_plain);
    assembler_.accept_any_sequence();
  }
  /// A command comes next, or the answer to one that goes next: numbers start anew.
  void begin_command() {
    assembler_.expect_sequence(0);
    if (auto* compressed = connection_->compressed()) compressed->begin_command();
  }
  /// The number that the next packet must carry.
  void expect_sequence(std::uint8_t sequence) { assembler_.expect_sequence(sequence); }
  [[nodiscard]] std::uint8_t next_sequence() const { return assembler_.next_sequence(); }

  [[nodiscard]] Connection& connection() { return *connection_; }

 private:
  std::shared_ptr<Connection> connection_;
  wire::PacketAssembler assembler_;
  Buffer ahead_;  // empty: it does not read ahead
  Bytes unread_;  // what came and was not looked at yet
};

}  // namespace sluice::proxy
