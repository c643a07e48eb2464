// One pass over a TRANSACTION_PAYLOAD: its events are taken out of it, judged and, where the rules
// drop them, replaced, all in a bounded amount of memory.
#pragma once

#include <memory>
#include <string>

#include "filters/stream/stream_buffer.hpp"
#include "filters/stream/stream_filter.hpp"
#include "protocol/binlog/payload_codec.hpp"

namespace sluice::filters {

/// What a payload is judged by. The references must outlive its scans.
struct PayloadContext {
  const TableRules& rules;
  binlog::EventHeader header;
  const binlog::FormatDescription& format;  ///< of the file
  Coordinates at;                           ///< where the event begins
  std::uint64_t max_size = 0;               ///< of the events in it together
};

/// Why a payload cannot be passed on.
struct PayloadFailure {
  std::string reason;  ///< empty: it can
  std::string_view statement = {};
};

/// What one scan after the other needs room for.
struct PayloadWorkspace {
  StreamBuffer buffer;
  binlog::PayloadDecoder decoder;
};

class PayloadScan {
 public:
  /// `observer`, if any, sees the events. `encoder`, if any, is given what becomes of them.
  PayloadScan(const PayloadContext& context, EventObserver* observer,
              binlog::PayloadEncoder* encoder, PayloadWorkspace& workspace);
  ~PayloadScan();
  PayloadScan(const PayloadScan&) = delete;
  PayloadScan& operator=(const PayloadScan&) = delete;

  /// The next bytes of the event, from its header on. Takes off the front of `piece` what it has
  /// gone through, and counts `most` down by the bytes of events that were in that; at 0 it stops.
  /// It has gone through all of the piece when that is empty and has_more() is false. false:
  /// failure().
  [[nodiscard]] bool feed(Bytes& piece, std::uint64_t& most);
  [[nodiscard]] bool has_more() const { return has_more_; }
  /// All of it has been fed. false: failure().
  [[nodiscard]] bool finish();

  [[nodiscard]] const PayloadFailure& failure() const { return failure_; }
  /// Whether it failed because the encoder's limit is too small.
  [[nodiscard]] bool outgrown() const { return outgrown_; }
  /// Of the events in the payload. Valid when finished.
  [[nodiscard]] const StreamCounters& counters() const { return filter_.counters(); }
  [[nodiscard]] const binlog::PayloadHeader& header() const { return head_.header(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Whether the compressed data says how much is in it.
  [[nodiscard]] bool tells_size() const { return decoder_.tells_size(); }
  /// Whether something is kept that is not the transaction's own frame.
  [[nodiscard]] bool keeps_anything() const;

 private:
  class Insight;

  [[nodiscard]] bool feed_head(Bytes& body);
  [[nodiscard]] bool feed_events(Bytes& compressed, std::uint64_t& most);
  [[nodiscard]] bool scan();
  [[nodiscard]] bool fail(std::string_view reason, std::string_view statement = {});
  [[nodiscard]] bool outgrow();

  std::uint64_t max_size_;
  binlog::FormatDescription format_;  // without checksums
  binlog::PayloadEncoder* encoder_;
  PayloadFailure failure_;
  bool outgrown_ = false;

  std::size_t header_left_ = binlog::event_header_size;
  std::uint64_t body_left_;
  binlog::PayloadHeaderReader head_;
  bool head_is_complete_ = false;
  bool has_more_ = false;   // the decoder, of what it was given
  std::uint64_t size_ = 0;  // of the events so far

  std::unique_ptr<Insight> insight_;
  StreamFilter filter_;
  StreamBuffer& buffer_;
  binlog::PayloadDecoder& decoder_;
};

}  // namespace sluice::filters
