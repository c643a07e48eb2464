#include <iostream>

#include "proxy/command_line.hpp"
#include "proxy/exit_status.hpp"

int main(int argc, char** argv) {
  using namespace sluice::proxy;
  const auto chosen = CommandLine().choose(argc, argv);
  const int status = chosen();
  if (std::cout.flush()) return status;
  std::cerr << "sluice: the standard output cannot be written\n";
  return status == done ? failed : status;
}
