// Threads that take none of the program's signals.
#pragma once

#include <csignal>

namespace sluice::proxy {

/// While it lives its thread takes no signals, and one that it starts meanwhile never does: that
/// may outlive the handlers of the program's signals, which are deadly without.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace sluice::proxy
