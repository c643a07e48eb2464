// A TRANSACTION_PAYLOAD on its way through a stream: held, decided on as a whole, and patched where
// it lies, at the same size.
#pragma once

#include <memory>
#include <vector>

#include "filters/stream/payload_scan.hpp"

namespace sluice::filters {

class PayloadFilter {
 public:
  PayloadFilter(const PayloadContext& context, EventObserver* observer,
                PayloadWorkspace& workspace);
  ~PayloadFilter();
  PayloadFilter(const PayloadFilter&) = delete;
  PayloadFilter& operator=(const PayloadFilter&) = delete;

  /// The next piece of the event, which lies `offset` bytes behind where its stream is held. It is
  /// judged as it comes. false: failure().
  [[nodiscard]] bool feed(std::size_t offset, Bytes piece);

  enum class Progress { done, unfinished, failed };
  /// The whole event has been fed, and lies in `held`. If nothing is dropped it stays as it is; if
  /// nothing is to be kept, an empty transaction takes its place; otherwise its events are
  /// compressed anew and the gap is filled. That takes a second for some 10 to 100 MB: it is
  /// `unfinished`, and to be asked again, when it has gone through `most` bytes of its events. A
  /// failure is failure().
  [[nodiscard]] Progress patch(MutableBytes held, std::uint64_t most);

  [[nodiscard]] const PayloadFailure& failure() const { return failure_; }
  [[nodiscard]] const Coordinates& at() const { return context_.at; }
  [[nodiscard]] const StreamCounters& counters() const { return scan_.counters(); }

 private:
  struct Piece {
    std::size_t offset;
    std::size_t size;
  };
  Progress fail(const PayloadFailure& failure);
  [[nodiscard]] Progress empty_it(MutableBytes held);
  [[nodiscard]] Progress rewrite(MutableBytes held, std::uint64_t most);
  [[nodiscard]] Progress compress(MutableBytes held, std::uint64_t& most);
  [[nodiscard]] bool begin_way();
  [[nodiscard]] bool put_in_place(MutableBytes held) const;
  void overwrite(MutableBytes held, Bytes head, Bytes payload) const;

  PayloadContext context_;
  PayloadWorkspace& workspace_;
  PayloadScan scan_;
  std::vector<Piece> pieces_;
  PayloadFailure failure_;

  /// A way to compress that is tried, and how far that has come.
  struct Rewriting;
  std::unique_ptr<Rewriting> rewriting_;
  std::size_t way_ = 0;  // the next one
  bool master_tells_size_ = false;
};

}  // namespace sluice::filters
