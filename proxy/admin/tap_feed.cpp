#include "proxy/admin/tap_feed.hpp"

#include <algorithm>

#include "proxy/log/logging.hpp"
#include "proxy/replica/replica_session.hpp"
#include "proxy/tap/pcapng.hpp"
#include "proxy/tap/tap_lines.hpp"

namespace sluice::proxy::admin {
namespace {

using tap::Subscription;
using tap::TapFilter;

/// So much is told at a time, and the event with which it becomes too much. Others of the admin
/// thread have their turn in between, however long it takes to make little text of what an event
/// holds.
constexpr std::size_t max_lines = std::size_t{1} << 20;
constexpr std::size_t max_entries_of_turn = 64;

class TapFeed final : public Feed {
 public:
  TapFeed(std::shared_ptr<SessionRegistry> sessions, std::shared_ptr<Subscription> subscription)
      : sessions_(std::move(sessions)),
        subscription_(std::move(subscription)),
        lines_(subscription_->filter, out_) {
    sessions_->taps()->add(subscription_);
  }
  TapFeed(const TapFeed&) = delete;
  TapFeed& operator=(const TapFeed&) = delete;
  ~TapFeed() override { sessions_->taps()->remove(*subscription_); }

  /// A reader that wants more than anybody can read is given less, and the relay the processor.
  [[nodiscard]] Duration pause() const override {
    if (has_more()) return std::chrono::milliseconds(5);
    return std::chrono::milliseconds(flooded_ ? 500 : 50);
  }

  [[nodiscard]] Message next() override {
    if (!told_lost_.empty()) return {std::exchange(told_lost_, {})};
    if (!has_more()) take();
    const bool binary = subscription_->filter.format == TapFilter::Format::pcapng;
    Message message{binary ? packets() : lines(), binary};
    message.last = over_ && !has_more() && told_lost_.empty();
    if (message.last) message.reason = "the session has ended";
    return message;
  }

 private:
  void take() {
    // Asked first: what a session has said before its end is in the queue by then.
    over_ = is_over();
    taken_ = subscription_->queue.take();
    told_ = 0;
    flooded_ = taken_.lost > 0;
  }
  [[nodiscard]] bool has_more() const { return told_ < taken_.entries.size(); }

  std::string packets() {
    std::string out = std::exchange(head_, {});
    for (; has_more(); ++told_) {
      const auto& entry = taken_.entries[told_];
      if (const auto* packet = std::get_if<tap::PacketEntry>(&entry.what)) {
        writer_.append(entry, *packet, out);
      }
    }
    if (taken_.lost > 0) told_lost_ = std::to_string(taken_.lost) + " packets were lost\n";
    return out;
  }

  /// Compressed events make much text out of little: a part of it at a time.
  std::string lines() {
    for (std::size_t left = max_entries_of_turn; left > 0 && has_more(); --left) {
      if (out_.held() >= max_lines) break;
      lines_.print(taken_.entries[told_++]);
    }
    if (!has_more()) lines_.print_lost(taken_.lost);
    return out_.take();
  }

  /// All sessions that were chosen are gone.
  [[nodiscard]] bool is_over() const {
    const auto chosen = sessions_->taps()->sessions_of(*subscription_);
    if (chosen.empty()) return false;
    const bool gone =
        std::ranges::none_of(chosen, [this](std::uint32_t id) { return sessions_->contains(id); });
    // One that was none has been taken back meanwhile.
    return gone && sessions_->taps()->sessions_of(*subscription_) == chosen;
  }

  std::shared_ptr<SessionRegistry> sessions_;
  std::shared_ptr<Subscription> subscription_;
  events::Output out_;
  tap::TapLines lines_;
  tap::PcapngWriter writer_;
  std::string head_ = tap::PcapngWriter::head();
  std::string told_lost_;
  tap::TapQueue::Taken taken_;
  std::size_t told_ = 0;  // of its entries
  bool over_ = false;     // there is nothing behind them
  bool flooded_ = false;
};

}  // namespace

std::variant<Response, std::unique_ptr<Feed>> open_tap(const Request& request,
                                                       const Knowledge& knowledge) {
  if (knowledge.config.tap == TapContent::off) {
    return Response::error(403, "admin.tap is \"off\"");
  }
  auto filter = tap::parse_tap_filter(request.query);
  if (!filter) return Response::error(400, filter.error());
  const bool full = knowledge.config.tap == TapContent::full;
  if (filter->rows && !full) {
    return Response::error(403, "rows are shown where admin.tap is \"full\" only");
  }
  for (const auto id : filter->sessions) {
    if (!knowledge.sessions->contains(id)) {
      return Response::error(404, "there is no session " + std::to_string(id));
    }
  }
  auto feed = std::make_unique<TapFeed>(knowledge.sessions,
                                        std::make_shared<Subscription>(*std::move(filter), full));
  // Said when it is so: whoever connects behind this line is tapped.
  log::info(
      "tap",
      {{"peer", request.peer}, {"query", request.query}, {"content", full ? "full" : "metadata"}});
  return feed;
}

}  // namespace sluice::proxy::admin
