#include "proxy/master/name_lookup.hpp"

#include <netdb.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <exception>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "proxy/base/signals_blocked.hpp"

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
  int status = 0;        ///< of getaddrinfo()
  int system_error = 0;  ///< errno, where that is EAI_SYSTEM
};

/// While it lives, the timer waits for the lookup, or for the interrupt.
class Waiting {
 public:
  Waiting(std::shared_ptr<Lookup> lookup, Timer& timer, Interrupt& interrupt)
      : lookup_(std::move(lookup)), interrupt_(interrupt) {
    set(&timer);
  }
  ~Waiting() { set(nullptr); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  void set(Timer* timer) {
    const std::lock_guard lock(lookup_->mutex);
    lookup_->waiting = timer;
    interrupt_.watch(timer);
  }
  std::shared_ptr<Lookup> lookup_;
  Interrupt& interrupt_;
};

std::string error_of(const Lookup& lookup) {
  if (lookup.status == 0) return {};
  if (lookup.status == EAI_SYSTEM) return std::generic_category().message(lookup.system_error);
  return ::gai_strerror(lookup.status);
}

/// On the thread that looks up. Nobody catches there what is thrown for want of memory, so as good
/// as nothing wants any.
void run(const std::shared_ptr<Lookup>& lookup, const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int status = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  const int system_error = errno;
  const std::lock_guard lock(lookup->mutex);
  lookup->found.reset(found);
  lookup->status = status;
  lookup->system_error = system_error;
  lookup->done = true;
  if (lookup->waiting == nullptr) return;
  try {
    asio::post(lookup->waiting->get_executor(), [lookup] {
      if (lookup->waiting) lookup->waiting->cancel();
    });
  } catch (const std::exception&) {
    // Whoever waits finds it when his time is over.
  }
}

void start(const std::shared_ptr<Lookup>& lookup, const std::string& host,
           const std::string& port) {
  const SignalsBlocked blocked;
  std::thread([lookup, host, port] { run(lookup, host, port); }).detach();
}

}  // namespace

Task<boost::system::result<Addresses, std::string>> look_up(
    const std::string& host, std::uint16_t port, std::chrono::steady_clock::duration timeout,
    Interrupt& interrupt) {
  const std::string service = std::to_string(port);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) co_return Addresses::create({address, port}, host, service);

  if (interrupt.raised()) co_return interrupt.reason();

  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>();
  Timer timer(executor, timeout);
  const Waiting waiting(lookup, timer, interrupt);
  start(lookup, host, service);
  co_await timer.async_wait(asio::redirect_error(use_task, error));

  if (interrupt.raised()) co_return interrupt.reason();
  const std::lock_guard lock(lookup->mutex);
  if (!lookup->done) co_return "timed out";
  if (lookup->status != 0) co_return error_of(*lookup);
  co_return Addresses::create(lookup->found.get(), host, service);
}

}  // namespace sluice::proxy
