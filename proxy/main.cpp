#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <iostream>

#include "proxy/cli/exit_status.hpp"
#include "proxy/command_line.hpp"

namespace {

/// Whoever starts it may have closed them (`2>&-`): the first file or socket that is opened would
/// be taken for the standard output or for the log. What is written to a standard output that was
/// closed is lost, so that must fail.
bool open_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    const int access = descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR;
    if (::open("/dev/null", access) != descriptor) return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sluice::proxy;
  if (!open_standard_descriptors()) {
    std::cerr << "sluice: /dev/null cannot be opened in place of what is closed of the standard "
                 "input, output and error\n";
    return failed;
  }
  int status = failed;
  try {
    status = CommandLine().choose(argc, argv)();
  } catch (const std::exception& error) {
    std::cerr << "sluice: " << error.what() << '\n';
  }
  if (std::cout.flush()) return status;
  std::cerr << "sluice: the standard output cannot be written\n";
  return status == done ? failed : status;
}
