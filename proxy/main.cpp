#include "proxy/command_line.hpp"

int main(int argc, char** argv) {
  const auto chosen = sluice::proxy::CommandLine().choose(argc, argv);
  return chosen();
}
