// Both directions of a TLS 1.3 connection behind its handshake: received records in, plain stream
// out; plain stream in, records to be sent out. Does what OpenSSL does with SSL_read() and
// SSL_write(), but with many records for one call of the system, and without a copy of what it
// decrypts and encrypts.
//
// Of what may come besides data (RFC 8446, section 4.6) tickets are passed over, and keys are
// changed when the peer asks for it. They are changed without that, too, before one has been used
// more often than it should (section 5.5).
#pragma once

#include <array>
#include <string>
#include <utility>

#include "protocol/thread_space.hpp"
#include "protocol/tls/post_handshake.hpp"
#include "protocol/tls/record_key.hpp"

namespace sluice::tls {

class RecordStream {
 public:
  /// Of a key of AES-GCM's, in full records (RFC 8446, section 5.5: 2^24.5).
  static constexpr std::uint64_t max_records = std::uint64_t{1} << 24;

  /// `received`: opens what the peer sends; `sent`: seals what goes to it.
  RecordStream(RecordKey received, RecordKey sent, std::uint64_t records_per_key = max_records);

  /// Records without data that one read() passes over at most: some take ten microseconds or more
  /// (keys are changed), and thousands may lie there.
  static constexpr unsigned max_in_vain = 64;

  /// The plain stream as far as it has been received. 0: more must be, or it has ended(), or it is
  /// busy().
  [[nodiscard]] std::size_t read(MutableBytes into);
  /// read() has stopped for others' sake, and goes on when it is called again.
  [[nodiscard]] bool busy() const { return busy_; }
  /// Where to put what comes, when read() has returned 0.
  [[nodiscard]] MutableBytes room();
  /// The same for who waits until something comes: less, so that nobody holds much room while
  /// nothing does.
  [[nodiscard]] MutableBytes waiting_room();
  /// So much was put where room() or waiting_room() said last.
  void received(std::size_t size);
  /// Nobody will read for a while: holds nothing but what has come, until room() is wanted again.
  /// What room() and waiting_room() have said is no longer true.
  void park_received();
  /// What was received last did not fill the room: most likely there is no more for now.
  [[nodiscard]] bool drained() const { return drained_; }
  /// It was little, too: who waits for more reads it by that.
  [[nodiscard]] bool quiet() const { return quiet_; }

  /// Nothing more will be read: the peer has said that it closes the connection, or error().
  [[nodiscard]] bool ended() const { return ended_; }
  /// What is wrong with what was received; empty where the peer closes.
  [[nodiscard]] const std::string& error() const { return error_; }

  /// Seals some of the first bytes of `plain`. All of outgoing() must have been sent. false:
  /// OpenSSL could not.
  [[nodiscard]] bool pack(Bytes plain);
  /// Seals the last that is sent: what was wrong, or that nothing is. false: the peer has ended it
  /// with an error, or OpenSSL could not. Allocates nothing.
  [[nodiscard]] bool pack_alert();
  /// What is to be sent for them.
  [[nodiscard]] Bytes outgoing() const { return outgoing_; }
  void sent(std::size_t size);
  /// What is to be sent has to wait: holds nothing but that.
  void park_outgoing();
  /// How many bytes of the plain stream went into what was packed last. They count once.
  [[nodiscard]] std::size_t take_packed() { return std::exchange(packed_, 0); }

 private:
  [[nodiscard]] Bytes next_record();
  void forget_input();
  [[nodiscard]] std::uint8_t* input();
  [[nodiscard]] std::size_t take(RecordKey::Opened opened, MutableBytes content);
  void take_handshake(Bytes content);
  void take_alert(Bytes content);
  void fail(Alert alert, std::string error);
  [[nodiscard]] bool append(ContentType type, Bytes content);
  [[nodiscard]] bool change_key();

  RecordKey opening_;
  RecordKey sealing_;
  std::uint64_t records_per_key_;

  std::array<std::uint8_t, 2048> waiting_room_{};
  ThreadSpace input_;                // instead of waiting_room_, while that is too small
  std::size_t begin_ = 0, end_ = 0;  // what has come, in one of the two
  bool drained_ = false;
  bool quiet_ = false;
  bool busy_ = false;
  Bytes opened_;        // content of the record opened last that was not read yet
  unsigned empty_ = 0;  // records in a row
  PostHandshake handshake_;
  bool owes_key_update_ = false;
  bool ended_ = false;
  bool failed_by_peer_ = false;
  Alert alert_ = Alert::close_notify;
  std::array<std::uint8_t, 2 + overhead> alert_record_{};
  std::string error_;

  ThreadSpace output_;  // records that are sealed and not sent yet
  std::size_t filled_ = 0;
  Bytes outgoing_;
  std::size_t packed_ = 0;
};

}  // namespace sluice::tls
