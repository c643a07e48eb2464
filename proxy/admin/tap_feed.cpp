#include "proxy/admin/tap_feed.hpp"

#include <algorithm>

#include "proxy/logging.hpp"
#include "proxy/replica_session.hpp"
#include "proxy/tap/pcapng.hpp"
#include "proxy/tap/tap_lines.hpp"

namespace sluice::proxy::admin {
namespace {

using tap::Subscription;
using tap::TapFilter;

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
    return std::chrono::milliseconds(flooded_ ? 500 : 50);
  }

  [[nodiscard]] Message next() override {
    if (!told_lost_.empty()) return {std::exchange(told_lost_, {})};
    // Asked first: what a session has said before its end is in the queue by then.
    const bool over = is_over();
    auto taken = subscription_->queue.take();
    flooded_ = taken.lost > 0;
    const bool binary = subscription_->filter.format == TapFilter::Format::pcapng;
    if (binary && taken.lost > 0) told_lost_ = std::to_string(taken.lost) + " packets were lost\n";
    Message message{binary ? packets(taken) : lines(taken), binary, over && told_lost_.empty()};
    if (message.last) message.reason = "the session has ended";
    return message;
  }

 private:
  std::string packets(const tap::TapQueue::Taken& taken) {
    std::string out = std::exchange(head_, {});
    for (const auto& entry : taken.entries) {
      if (const auto* packet = std::get_if<tap::PacketEntry>(&entry.what)) {
        writer_.append(entry, *packet, out);
      }
    }
    return out;
  }

  std::string lines(const tap::TapQueue::Taken& taken) {
    for (const auto& entry : taken.entries) lines_.print(entry);
    lines_.print_lost(taken.lost);
    return out_.take();
  }

  /// All sessions that were chosen are gone.
  [[nodiscard]] bool is_over() const {
    const auto chosen = sessions_->taps()->sessions_of(*subscription_);
    return !chosen.empty() && std::ranges::none_of(chosen, [this](std::uint32_t id) {
      return sessions_->find(id).session != nullptr;
    });
  }

  std::shared_ptr<SessionRegistry> sessions_;
  std::shared_ptr<Subscription> subscription_;
  events::Output out_;
  tap::TapLines lines_;
  tap::PcapngWriter writer_;
  std::string head_ = tap::PcapngWriter::head();
  std::string told_lost_;
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
    if (!knowledge.sessions->find(id).session) {
      return Response::error(404, "there is no session " + std::to_string(id));
    }
  }
  log::info("tap", {{"query", request.query}, {"content", full ? "full" : "metadata"}});
  return std::make_unique<TapFeed>(knowledge.sessions,
                                   std::make_shared<Subscription>(*std::move(filter), full));
}

}  // namespace sluice::proxy::admin
