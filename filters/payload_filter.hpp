// A TRANSACTION_PAYLOAD on its way through a stream: held, decided on as a whole, and patched where
// it lies, at the same size.
#pragma once

#include <vector>

#include "filters/payload_scan.hpp"

namespace sluice::filters {

class PayloadFilter {
 public:
  PayloadFilter(const PayloadContext& context, EventObserver* observer,
                PayloadWorkspace& workspace);

  /// The next piece of the event, which lies `offset` bytes behind where its stream is held. It is
  /// judged as it comes. false: failure().
  [[nodiscard]] bool feed(std::size_t offset, Bytes piece);

  /// The whole event has been fed, and lies in `held`. If nothing is dropped it stays as it is; of
  /// what is left without a thing to keep, an empty transaction remains; otherwise its events are
  /// compressed anew and the gap is filled. false: failure().
  [[nodiscard]] bool patch(MutableBytes held);

  [[nodiscard]] const PayloadFailure& failure() const { return failure_; }
  [[nodiscard]] const Coordinates& at() const { return context_.at; }
  [[nodiscard]] const StreamCounters& counters() const { return scan_.counters(); }

 private:
  struct Piece {
    std::size_t offset;
    std::size_t size;
  };
  [[nodiscard]] bool fail(const PayloadFailure& failure);
  [[nodiscard]] bool empty_it(MutableBytes held);
  [[nodiscard]] bool rewrite(MutableBytes held);
  [[nodiscard]] bool compress(MutableBytes held, binlog::PayloadEncoder& encoder);
  void overwrite(MutableBytes held, Bytes head, Bytes payload) const;

  PayloadContext context_;
  PayloadWorkspace& workspace_;
  PayloadScan scan_;
  std::vector<Piece> pieces_;
  PayloadFailure failure_;
};

}  // namespace sluice::filters
