// Both directions of a connection behind its login when it is compressed: received bytes in, plain
// stream out; plain stream in, bytes to be sent out.
//
// Both sides count compressed packets, from 0 with each command and in both directions together
// (net->pkt_nr and net->compress_pkt_nr in sql-common/net_serv.cc). In a dump each direction counts
// for itself: events go on from 1, and anew behind one that wants an acknowledgement, for which the
// replica clears its counters (plugin/semisync/semisync_replica.cc, slaveReply). Masters of MySQL
// go on from 0 there, the only number that a replica of 9.7 takes, those of MariaDB from 1.
// Acknowledgements are commands, from 0.
#pragma once

#include <optional>
#include <utility>

#include "protocol/wire/dump_packets.hpp"
#include "protocol/wire/packet_compressor.hpp"
#include "protocol/wire/packet_decompressor.hpp"

namespace sluice::wire {

class CompressedStream {
 public:
  /// `max_plain`: how large the plain side of a received packet may be.
  CompressedStream(CompressionSetting setting, std::size_t max_plain)
      : decompressor_(setting.algorithm, max_plain), compressor_(setting) {}

  /// A command comes, or goes, next.
  void begin_command();
  /// A dump begins: as the master, its events are written; as the replica, they are read.
  /// `mariadb`: replicas see a MariaDB.
  void begin_dump_as_master(bool semi_sync, bool mariadb);
  void begin_dump_as_replica(bool semi_sync);

  /// The plain stream as far as it has been received. 0: more must be, or error() is not empty.
  [[nodiscard]] std::size_t read(MutableBytes into);
  /// Where to put what comes, when read() has returned 0.
  [[nodiscard]] MutableBytes room();
  void received(std::size_t size) { received_ = Bytes(input_).first(size); }
  [[nodiscard]] std::string_view error() const { return decompressor_.error(); }

  /// Packs some of the first bytes of `plain`. All of outgoing() must have been sent.
  void pack(Bytes plain);
  /// What is to be sent for them.
  [[nodiscard]] Bytes outgoing() const { return outgoing_; }
  void sent(std::size_t size);
  /// How many bytes of the plain stream went into what was packed last. They count once.
  [[nodiscard]] std::size_t take_packed() { return std::exchange(packed_, 0); }

  /// All that was sent, packed.
  [[nodiscard]] std::uint64_t total_sent() const { return total_sent_; }

 private:
  enum class Dump : std::uint8_t { none, as_master, as_replica };
  [[nodiscard]] std::size_t next_piece(Bytes plain);

  PacketDecompressor decompressor_;
  PacketCompressor compressor_;
  Dump dump_ = Dump::none;
  std::optional<DumpNumbering> numbering_;  // of the events that are read
  std::optional<DumpPackets> packets_;      // those that are written
  std::uint8_t first_behind_ack_ = 0;
  std::optional<std::uint8_t> restart_;  // the number of the next packet written

  Buffer input_;
  Bytes received_;  // of it, what is not decoded yet
  Bytes outgoing_;
  std::size_t packed_ = 0;
  std::uint64_t total_sent_ = 0;
};

}  // namespace sluice::wire
