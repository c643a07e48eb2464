#include "proxy/admin/routes.hpp"

#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "proxy/admin/access.hpp"
#include "proxy/admin/config_json.hpp"
#include "proxy/admin/embedded.hpp"
#include "proxy/admin/page_file.hpp"
#include "proxy/admin/status_json.hpp"
#include "proxy/admin/tap_feed.hpp"
#include "proxy/replica/replica_session.hpp"

namespace sluice::proxy::admin {
namespace {

using Handler = Response (*)(const Request&, const Knowledge&);

constexpr std::string_view sessions_path = "/api/v1/sessions/";

Response text(std::string body, std::string type) {
  return {200, std::move(type), std::move(body), ""};
}

Response healthz(const Request&, const Knowledge& knowledge) {
  const auto waits = knowledge.threads.waits(std::chrono::steady_clock::now());
  return {waits < ThreadWatch::longest_wait ? 200U : 503U, "application/json", alive_json(waits),
          ""};
}

Response readyz(const Request& request, const Knowledge& knowledge) {
  const bool details = !refuse(request, knowledge.config, false);
  return {knowledge.snapshot.is_ready() ? 200U : 503U, "application/json",
          ready_json(knowledge.snapshot, details), ""};
}

Response metrics(const Request&, const Knowledge& knowledge) {
  return text(knowledge.metrics->text(), "text/plain; version=0.0.4; charset=utf-8");
}

Response status(const Request&, const Knowledge& knowledge) {
  return text(status_json(knowledge.snapshot), "application/json");
}

Response config(const Request&, const Knowledge& knowledge) {
  return text(config_json(knowledge.config, knowledge.relays), "application/json");
}

Response openapi(const Request&, const Knowledge&) {
  return text(std::string(embedded::openapi), "application/json");
}

Response page(const Request& request, const Knowledge&) {
  return *page_file(request.path);
}

/// The status, again and again.
class StatusFeed final : public Feed {
 public:
  explicit StatusFeed(const Knowledge& knowledge) : knowledge_(knowledge) {}

  [[nodiscard]] Message next() override {
    if (knowledge_.snapshot.time == told_) return {};
    told_ = knowledge_.snapshot.time;
    return {status_json(knowledge_.snapshot)};
  }
  [[nodiscard]] Duration pause() const override { return std::chrono::milliseconds(100); }

 private:
  const Knowledge& knowledge_;
  std::chrono::system_clock::time_point told_;
};

using Opened = std::variant<Response, std::unique_ptr<Feed>>;

Opened live(const Request&, const Knowledge& knowledge) {
  return std::make_unique<StatusFeed>(knowledge);
}

Response upgrade_needed(const Request&, const Knowledge&) {
  return Response::error(426, "this path is for WebSocket");
}

/// Its replica will come back, unless it is told not to.
Response end_session(const Request& request, const Knowledge& knowledge) {
  const std::string_view digits = std::string_view(request.path).substr(sessions_path.size());
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    return Response::error(404, "a session's id is a number");
  }
  const auto session = knowledge.sessions->find(id).session;
  if (!session) return Response::error(404, "there is no such session");
  session->relay().log().info("ending a session",
                              {{"session", id}, {"peer", request.peer}, {"reason", "admin"}});
  session->dismiss("ended over the admin interface");
  return {204, "", "", ""};
}

struct Route {
  std::string_view path;
  std::string_view method;
  Handler handler;
  bool is_open = false;                                        // tells nothing that needs the token
  Opened (*feed)(const Request&, const Knowledge&) = nullptr;  // of a WebSocket
};

constexpr std::array routes{
    Route{"/healthz", "GET", healthz, true},
    Route{"/readyz", "GET", readyz, true},
    Route{"/metrics", "GET", metrics},
    Route{"/api/v1/status", "GET", status},
    Route{"/api/v1/config", "GET", config},
    Route{"/api/v1/openapi.json", "GET", openapi},
    Route{sessions_path, "DELETE", end_session},
    Route{"/api/v1/live", "GET", upgrade_needed, false, live},
    Route{"/api/v1/tap", "GET", upgrade_needed, false, open_tap},
};
/// A browser opens it without the token; it asks for that itself.
constexpr Route page_route{"/", "GET", page, true};

bool matches(const Route& route, std::string_view path) {
  return route.path.ends_with('/') && route.path.size() > 1 ? path.starts_with(route.path)
                                                            : path == route.path;
}

const Route* find_route(std::string_view path) {
  for (const Route& route : routes) {
    if (matches(route, path)) return &route;
  }
  return page_file(path) ? &page_route : nullptr;
}

/// `route`: null if there is none.
std::optional<Response> refuse(const Request& request, const Knowledge& knowledge,
                               const Route* route) {
  if (auto refusal = refuse(request, knowledge.config, route != nullptr && route->is_open)) {
    knowledge.metrics->admin_refused();
    knowledge.refusals->note(request.peer, refusal->reason, std::chrono::steady_clock::now());
    return refusal;
  }
  if (route == nullptr) {
    return Response::error(404, "there is no such path; /api/v1/openapi.json lists them");
  }
  std::string_view method = request.method;
  if (method == "HEAD") method = "GET";
  if (method == route->method) return std::nullopt;
  auto refusal = Response::error(405, "this path takes another method");
  refusal.allow = route->method;
  return refusal;
}

}  // namespace

Response Response::error(unsigned status, std::string_view text) {
  Response made;
  made.status = status;
  made.reason = text;
  made.body = boost::json::serialize(boost::json::object{{"error", text}});
  return made;
}

Response answer(const Request& request, const Knowledge& knowledge) {
  const Route* route = find_route(request.path);
  if (auto refusal = refuse(request, knowledge, route)) return *std::move(refusal);
  return route->handler(request, knowledge);
}

Opened open_feed(const Request& request, const Knowledge& knowledge) {
  const Route* route = find_route(request.path);
  if (auto refusal = refuse(request, knowledge, route)) return *std::move(refusal);
  if (route->feed == nullptr) return Response::error(400, "this path is not for WebSocket");
  if (knowledge.sockets->size() >= OpenSockets::limit) {
    return Response::error(503, "too many WebSockets are open");
  }
  return route->feed(request, knowledge);
}

}  // namespace sluice::proxy::admin
