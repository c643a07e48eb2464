#include "protocol/wire/compressed_stream.hpp"

#include <algorithm>

namespace sluice::wire {

namespace {

/// As much is received at a time.
constexpr std::size_t input_size = std::size_t{64} << 10;

}  // namespace

void CompressedStream::begin_command() {
  if (dump_ != Dump::as_master) compressor_.set_sequence(0);
  if (dump_ != Dump::as_replica) decompressor_.expect_sequence(0);
}

void CompressedStream::begin_dump_as_master(bool semi_sync, bool mariadb) {
  dump_ = Dump::as_master;
  first_behind_ack_ = mariadb ? 1 : 0;
  packets_.emplace(semi_sync);
}

void CompressedStream::begin_dump_as_replica(bool semi_sync) {
  dump_ = Dump::as_replica;
  numbering_.emplace(semi_sync);
  // Masters do not start anew in the same way when they want an acknowledgement.
  decompressor_.accept_any_sequence();
}

std::size_t CompressedStream::read(MutableBytes into) {
  const std::size_t size = decompressor_.decode(received_, into).value_or(0);
  if (dump_ == Dump::none) compressor_.set_sequence(decompressor_.sequence());
  if (numbering_) numbering_->renumber(into.first(size));
  return size;
}

MutableBytes CompressedStream::room() {
  if (input_.empty()) input_.resize(input_size);
  return input_;
}

void CompressedStream::pack(Bytes plain) {
  packed_ = next_piece(plain);
  outgoing_ = compressor_.pack(plain.first(packed_));
  if (restart_) compressor_.set_sequence(*restart_);
  restart_.reset();
  if (dump_ == Dump::none) decompressor_.expect_sequence(compressor_.sequence());
}

void CompressedStream::sent(std::size_t size) {
  outgoing_ = outgoing_.subspan(size);
  total_sent_ += size;
}

/// A piece ends with an event that wants an acknowledgement: the replica writes it into the buffer
/// that holds the rest of the piece. It also ends with an empty packet, behind which MariaDB and
/// MySQL before 8.0 restore a byte of the rest in the wrong place (my_net_read, save_char).
std::size_t CompressedStream::next_piece(Bytes plain) {
  plain = plain.first(std::min(plain.size(), PacketCompressor::max_piece));
  if (!packets_) return plain.size();
  std::size_t size = 0;
  while (size < plain.size()) {
    const auto step = packets_->follow(plain.subspan(size));
    size += step.size;
    if (step.ack_wanted) restart_ = first_behind_ack_;
    if (step.ack_wanted || step.empty_packet) break;
  }
  return size;
}

}  // namespace sluice::wire
