#include "proxy/cli/terminal.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace sluice::proxy {
namespace {

constexpr std::size_t longest_line = 1024;  // far more than a password that servers accept

/// A line without its end; what follows is not read. `interrupts`: the mask with which signals end
/// the waiting, or null.
std::optional<auth::Secret> read_line(int descriptor, const sigset_t* interrupts) {
  std::array<char, longest_line> line{};
  std::size_t size = 0;
  bool ended = false;
  bool good = true;
  while (good && !ended && size < line.size()) {
    pollfd waiting{descriptor, POLLIN, 0};
    if (interrupts != nullptr && ::ppoll(&waiting, 1, nullptr, interrupts) < 0) break;
    const ssize_t count = ::read(descriptor, &line[size], 1);
    if (count < 0) {
      good = false;
    } else if (count == 0) {
      ended = true;
      good = size > 0;
    } else if (line[size] == '\n') {
      ended = true;
    } else {
      ++size;
    }
  }
  std::string_view text(line.data(), size);
  if (text.ends_with('\r')) text.remove_suffix(1);
  std::optional<auth::Secret> secret;
  if (good && ended) secret.emplace(text);
  OPENSSL_cleanse(line.data(), line.size());
  return secret;
}

/// The terminal without echo, for as long as this lives. SIGINT and SIGTERM end what is read
/// meanwhile and not the program, which would leave the terminal so.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    ::tcgetattr(terminal, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    ::tcsetattr(terminal, TCSAFLUSH, &silent);
    sigset_t both;
    ::sigemptyset(&both);
    ::sigaddset(&both, SIGINT);
    ::sigaddset(&both, SIGTERM);
    // Blocked but while poll() waits: one that came just before it would not be noticed.
    ::pthread_sigmask(SIG_BLOCK, &both, &mask_);
    struct sigaction interrupt {};
    interrupt.sa_handler = [](int) {};
    ::sigaction(SIGINT, &interrupt, &on_interrupt_);
    ::sigaction(SIGTERM, &interrupt, &on_terminate_);
  }
  ~Silence() {
    ::tcsetattr(terminal_, TCSADRAIN, &before_);
    ::sigaction(SIGINT, &on_interrupt_, nullptr);
    ::sigaction(SIGTERM, &on_terminate_, nullptr);
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

  /// The mask from before, with which the two signals come through.
  [[nodiscard]] const sigset_t* mask() const { return &mask_; }

 private:
  int terminal_;
  termios before_{};
  sigset_t mask_{};
  struct sigaction on_interrupt_ {};
  struct sigaction on_terminate_ {};
};

}  // namespace

std::optional<auth::Secret> ask_secret(std::string_view prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) return std::nullopt;
  std::optional<auth::Secret> secret;
  {
    // Before the prompt: what is typed behind it must not be shown or lost.
    const Silence silence(terminal);
    if (::write(terminal, prompt.data(), prompt.size()) == static_cast<ssize_t>(prompt.size())) {
      secret = read_line(terminal, silence.mask());
    }
  }
  ::close(terminal);
  return secret;
}

std::optional<auth::Secret> read_secret_line() {
  return read_line(STDIN_FILENO, nullptr);
}

}  // namespace sluice::proxy
