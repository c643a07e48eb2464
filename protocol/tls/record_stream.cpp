#include "protocol/tls/record_stream.hpp"

#include <algorithm>
#include <utility>

namespace sluice::tls {
namespace {

/// In a row; OpenSSL takes as many (MAX_EMPTY_RECORDS in ssl/record/record.h).
constexpr unsigned max_empty = 32;

constexpr std::array<std::uint8_t, 5> key_update_message = {24, 0, 0, 1, 0};

}  // namespace

RecordStream::RecordStream(RecordKey received, RecordKey sent, std::uint64_t records_per_key)
    : opening_(std::move(received)), sealing_(std::move(sent)), records_per_key_(records_per_key) {}

std::size_t RecordStream::read(MutableBytes into) {
  busy_ = false;
  if (into.empty()) return 0;
  for (unsigned in_vain = 0; in_vain < max_in_vain; ++in_vain) {
    if (!opened_.empty()) {
      const Bytes piece = opened_.first(std::min(into.size(), opened_.size()));
      std::ranges::copy(piece, into.begin());
      opened_ = opened_.subspan(piece.size());
      return piece.size();
    }
    const Bytes record = ended_ ? Bytes() : next_record();
    if (record.empty()) {
      if (begin_ == end_) forget_input();
      return 0;
    }
    // Straight to where it is wanted, if it fits.
    const bool fits = record.size() - overhead <= into.size();
    const MutableBytes content =
        fits ? into : MutableBytes(input() + begin_ + header_size, record.size() - overhead);
    const auto opened = opening_.open(record, content);
    begin_ += record.size();
    if (!opened) {
      fail(Alert::bad_record_mac, "a record that is not what the peer has sent");
      return 0;
    }
    const std::size_t size = take(*opened, content.first(opened->size));
    if (size == 0) continue;
    if (fits) return size;
    opened_ = content.first(size);
  }
  busy_ = true;
  return 0;
}

/// Empty: it is not there yet, or it is none.
Bytes RecordStream::next_record() {
  const Bytes there(input() + begin_, end_ - begin_);
  if (there.size() < header_size) return {};
  const std::size_t body = std::size_t{there[3]} << 8 | std::size_t{there[4]};
  if (!std::ranges::equal(there.first(record_start.size()), record_start)) {
    fail(Alert::unexpected_message, "what is no record");
  } else if (body > max_body) {
    fail(Alert::record_overflow, "a record that is too long");
  } else if (body < overhead - header_size) {
    fail(Alert::decode_error, "a record that is too short");
  } else if (there.size() >= header_size + body) {
    return there.first(header_size + body);
  }
  return {};
}

/// How many bytes of the plain stream it is.
std::size_t RecordStream::take(RecordKey::Opened opened, MutableBytes content) {
  const auto type = static_cast<ContentType>(opened.type);
  if (handshake_.in_message() && type != ContentType::handshake) {
    fail(Alert::unexpected_message, "a message that is cut off");
  } else if (type == ContentType::application_data) {
    empty_ = content.empty() ? empty_ + 1 : 0;
    if (empty_ > max_empty) fail(Alert::unexpected_message, "too many records without data");
    return content.size();
  } else if (type == ContentType::handshake) {
    // Any number: a peer that reads much asks for a new key with each record until it has one.
    take_handshake(content);
  } else if (type == ContentType::alert) {
    take_alert(content);
  } else {
    fail(Alert::unexpected_message, "a record of a type that may not come");
  }
  return 0;
}

void RecordStream::take_handshake(Bytes content) {
  using Event = PostHandshake::Event;
  const Event event = handshake_.follow(content);
  if (event == Event::none) return;
  if (event == Event::wrong) {
    fail(Alert::unexpected_message, "a handshake message that may not come");
  } else if (!opening_.update()) {
    fail(Alert::internal_error, "no key could be made");
  }
  owes_key_update_ |= event == Event::key_update_requested;
}

void RecordStream::take_alert(Bytes content) {
  if (content.empty()) return fail(Alert::unexpected_message, "an alert that is none");
  if (content.size() != 2) return fail(Alert::decode_error, "an alert that is none");
  const auto alert = static_cast<Alert>(content[1]);
  if (alert == Alert::user_canceled) return;  // a close_notify follows
  ended_ = true;
  if (alert == Alert::close_notify) return;
  // Nothing may be sent behind it.
  failed_by_peer_ = true;
  error_ = "the peer's alert " + std::to_string(content[1]);
}

void RecordStream::fail(Alert alert, std::string error) {
  ended_ = true;
  alert_ = alert;
  error_ = std::move(error);
}

void RecordStream::forget_input() {
  begin_ = end_ = 0;
  input_.give_back();
}

/// Where that lies which has come.
std::uint8_t* RecordStream::input() {
  return input_ ? input_.data() : waiting_room_.data();
}

MutableBytes RecordStream::room() {
  const bool was_waiting = !input_;
  input_.take();
  if (begin_ > 0 || was_waiting) {
    const std::uint8_t* const from = was_waiting ? waiting_room_.data() : input_.data();
    std::copy(from + begin_, from + end_, input_.data());
    end_ -= std::exchange(begin_, 0);
  }
  return {input_.data() + end_, ThreadSpace::size - end_};
}

MutableBytes RecordStream::waiting_room() {
  return input_ || begin_ != end_ ? room() : MutableBytes(waiting_room_);
}

void RecordStream::received(std::size_t size) {
  end_ += size;
  drained_ = end_ < (input_ ? ThreadSpace::size : waiting_room_.size());
  quiet_ = drained_ && !input_;
  if (begin_ == end_) forget_input();
}

void RecordStream::park_received() {
  if (!input_) return;
  if (begin_ == end_ && opened_.empty()) return forget_input();
  const std::size_t opened =
      opened_.empty() ? begin_ : static_cast<std::size_t>(opened_.data() - input_.data());
  input_.keep_only(opened, end_);
  begin_ -= opened;
  end_ -= opened;
  if (!opened_.empty()) opened_ = {input_.data(), opened_.size()};
}

bool RecordStream::pack(Bytes plain) {
  packed_ = filled_ = 0;
  if (owes_key_update_ || sealing_.sequence() >= records_per_key_) {
    if (!change_key()) return false;
  }
  while (packed_ < plain.size() && filled_ + overhead < ThreadSpace::size) {
    const std::size_t size =
        std::min({plain.size() - packed_, max_content, ThreadSpace::size - filled_ - overhead});
    if (!append(ContentType::application_data, plain.subspan(packed_, size))) return false;
    packed_ += size;
  }
  return true;
}

void RecordStream::sent(std::size_t size) {
  outgoing_ = outgoing_.subspan(size);
  if (outgoing_.empty()) output_.give_back();
}

void RecordStream::park_outgoing() {
  if (!output_) return;
  const auto begin = static_cast<std::size_t>(outgoing_.data() - output_.data());
  output_.keep_only(begin, begin + outgoing_.size());
  outgoing_ = {output_.data(), outgoing_.size()};
}

bool RecordStream::pack_alert() {
  if (failed_by_peer_) return false;
  const bool fatal = alert_ != Alert::close_notify;
  const std::array<std::uint8_t, 2> content = {static_cast<std::uint8_t>(fatal ? 2 : 1),
                                               static_cast<std::uint8_t>(alert_)};
  packed_ = 0;
  const bool done = sealing_.seal(ContentType::alert, content, alert_record_);
  outgoing_ = done ? Bytes(alert_record_) : Bytes();
  return done;
}

bool RecordStream::append(ContentType type, Bytes content) {
  output_.take();
  const MutableBytes record(output_.data() + filled_, content.size() + overhead);
  if (!sealing_.seal(type, content, record)) {
    outgoing_ = {};
    return false;
  }
  filled_ += record.size();
  outgoing_ = {output_.data(), filled_};
  return true;
}

bool RecordStream::change_key() {
  owes_key_update_ = false;
  return append(ContentType::handshake, key_update_message) && sealing_.update();
}

}  // namespace sluice::tls
