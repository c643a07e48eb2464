#include "protocol/wire/packet.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace sluice::wire {

void append_packet(Buffer& out, Bytes payload, std::uint8_t& sequence) {
  Writer writer(out);
  std::size_t part_size = 0;
  do {
    part_size = std::min(payload.size(), max_packet_payload);
    writer.u24(part_size).u8(sequence++).bytes(payload.first(part_size));
    payload = payload.subspan(part_size);
  } while (part_size == max_packet_payload);
}

// Login payloads hold passwords.
PacketAssembler::~PacketAssembler() {
  OPENSSL_cleanse(payload_.data(), payload_.size());
}

PacketAssembler::Step PacketAssembler::feed(Bytes input) {
  if (failure_ != Status::need_more) return {failure_, 0};
  if (!started_) begin_payload();
  const std::size_t size = input.size();
  while (true) {
    if (header_size_ < packet_header_size) {
      const std::size_t taken = std::min(packet_header_size - header_size_, input.size());
      std::copy_n(input.begin(), taken, header_ + header_size_);
      header_size_ += taken;
      started_ = started_ || taken > 0;
      input = input.subspan(taken);
      if (header_size_ < packet_header_size) return {Status::need_more, size};
      failure_ = take_header();
      if (failure_ != Status::need_more) return {failure_, size - input.size()};
    }
    // Grows with what has arrived, not with what the header promises.
    const std::size_t taken = std::min(missing_, input.size());
    payload_.insert(payload_.end(), input.begin(),
                    input.begin() + static_cast<std::ptrdiff_t>(taken));
    missing_ -= taken;
    input = input.subspan(taken);
    if (missing_ > 0) return {Status::need_more, size};
    header_size_ = 0;
    if (!more_follows_) break;
  }
  started_ = false;
  return {Status::complete, size - input.size()};
}

PacketAssembler::Status PacketAssembler::take_header() {
  missing_ = static_cast<std::size_t>(load_le<3>(header_));
  more_follows_ = missing_ == max_packet_payload;
  if (header_[3] != sequence_ && !any_sequence_) return Status::bad_sequence;
  sequence_ = static_cast<std::uint8_t>(header_[3] + 1);
  if (missing_ > limit_ - payload_.size()) return Status::too_large;
  // A login comes into one place, even if it comes in pieces: none is left behind in a buffer that
  // was too small.
  payload_.reserve(payload_.size() + std::min(missing_, largest_login));
  return Status::need_more;
}

void PacketAssembler::begin_payload() {
  OPENSSL_cleanse(payload_.data(), payload_.size());
  payload_.clear();
}

}  // namespace sluice::wire
