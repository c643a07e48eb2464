#include "proxy/name_lookup.hpp"

#include <netdb.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace sluice::proxy {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};

/// What the thread that looks up and the coroutine that waits have in common.
struct Lookup {
  std::mutex mutex;
  Timer* waiting = nullptr;  ///< null: nobody waits, and the event loop may be gone
  bool done = false;
  std::unique_ptr<addrinfo, FreeAddresses> found;
  std::string error;
};

/// While it lives, the timer waits for the lookup.
class Waiting {
 public:
  Waiting(std::shared_ptr<Lookup> lookup, Timer& timer) : lookup_(std::move(lookup)) {
    set(&timer);
  }
  ~Waiting() { set(nullptr); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  void set(Timer* timer) {
    const std::lock_guard lock(lookup_->mutex);
    lookup_->waiting = timer;
  }
  std::shared_ptr<Lookup> lookup_;
};

void run(const std::shared_ptr<Lookup>& lookup, const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const std::string error = status == 0            ? ""
                            : status == EAI_SYSTEM ? std::generic_category().message(errno)
                                                   : ::gai_strerror(status);
  const std::lock_guard lock(lookup->mutex);
  lookup->found.reset(found);
  lookup->error = error;
  lookup->done = true;
  if (lookup->waiting == nullptr) return;
  asio::post(lookup->waiting->get_executor(), [lookup] {
    if (lookup->waiting) lookup->waiting->cancel();
  });
}

}  // namespace

Task<boost::system::result<Addresses, std::string>> look_up(
    std::string host, std::uint16_t port, std::chrono::steady_clock::duration timeout) {
  const std::string service = std::to_string(port);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) co_return Addresses::create({address, port}, host, service);

  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>();
  Timer timer(executor, timeout);
  const Waiting waiting(lookup, timer);
  std::thread([lookup, host, service] { run(lookup, host, service); }).detach();
  co_await timer.async_wait(asio::redirect_error(use_task, error));

  const std::lock_guard lock(lookup->mutex);
  if (!lookup->done) co_return "timed out";
  if (!lookup->error.empty()) co_return lookup->error;
  co_return Addresses::create(lookup->found.get(), host, service);
}

}  // namespace sluice::proxy
