#include "proxy/cli/terminal.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/config/password_text.hpp"

namespace sluice::proxy {
namespace {

/// Where a password ends.
enum class End : std::uint8_t { line, input };

/// `interrupts`: the mask with which signals end the waiting, or null. nullopt: nothing came, or an
/// error.
std::optional<auth::Secret> read_from(int descriptor, End end, const sigset_t* interrupts) {
  std::array<char, read_of_password> text{};
  std::size_t size = 0;
  bool ended = false;
  bool good = true;
  while (good && !ended && size < text.size()) {
    pollfd waiting{descriptor, POLLIN, 0};
    if (interrupts != nullptr && ::ppoll(&waiting, 1, nullptr, interrupts) < 0) {
      good = false;
      break;
    }
    const ssize_t count = ::read(descriptor, &text[size], 1);
    if (count <= 0) {
      ended = true;
      good = count == 0 && size > 0;
    } else {
      ended = end == End::line && text[size] == '\n';
      ++size;
    }
  }
  std::optional<auth::Secret> secret;
  if (good) secret.emplace(without_line_end({text.data(), size}));
  OPENSSL_cleanse(text.data(), text.size());
  return secret;
}

/// `from`: what the sentence begins with that says what is wrong with it.
Parsed<auth::Secret> judged(auth::Secret secret, std::string_view from) {
  const std::string_view wrong = why_no_password(secret.reveal());
  if (wrong.empty()) return secret;
  return Refused::because(std::string(from) + " " + std::string(wrong));
}

/// Those that end what is typed, and would leave the terminal silent if they ended the program.
constexpr std::array<int, 4> interrupts{SIGINT, SIGTERM, SIGQUIT, SIGHUP};

/// The terminal without echo, for as long as this lives. Signals end what is read meanwhile and not
/// the program.
class Silence {
 public:
  explicit Silence(int terminal) : terminal_(terminal) {
    ::tcgetattr(terminal, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    ::tcsetattr(terminal, TCSAFLUSH, &silent);
    sigset_t all;
    ::sigemptyset(&all);
    for (const int number : interrupts) ::sigaddset(&all, number);
    // Blocked but while poll() waits: one that came just before it would not be noticed.
    ::pthread_sigmask(SIG_BLOCK, &all, &mask_);
    struct sigaction interrupt {};
    interrupt.sa_handler = [](int) {};
    for (std::size_t i = 0; i < interrupts.size(); ++i) {
      ::sigaction(interrupts.at(i), &interrupt, &actions_.at(i));
    }
  }
  ~Silence() {
    ::tcsetattr(terminal_, TCSADRAIN, &before_);
    for (std::size_t i = 0; i < interrupts.size(); ++i) {
      ::sigaction(interrupts.at(i), &actions_.at(i), nullptr);
    }
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

  /// The mask from before, with which these signals come through.
  [[nodiscard]] const sigset_t* mask() const { return &mask_; }

 private:
  int terminal_;
  termios before_{};
  sigset_t mask_{};
  std::array<struct sigaction, interrupts.size()> actions_{};
};

}  // namespace

Parsed<auth::Secret> ask_secret(std::string_view prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) return Refused();
  std::optional<auth::Secret> secret;
  {
    // Before the prompt: what is typed behind it must not be shown or lost.
    const Silence silence(terminal);
    if (::write(terminal, prompt.data(), prompt.size()) == static_cast<ssize_t>(prompt.size())) {
      secret = read_from(terminal, End::line, silence.mask());
    }
  }
  ::close(terminal);
  if (!secret) return Refused();
  return judged(*std::move(secret), "what was typed");
}

Parsed<auth::Secret> read_secret_input() {
  auto secret = read_from(STDIN_FILENO, End::input, nullptr);
  if (!secret) return Refused::because("the standard input holds no password");
  return judged(*std::move(secret), "the standard input");
}

}  // namespace sluice::proxy
