#include "proxy/command_line.hpp"

int main(int argc, char** argv) {
  sluice::proxy::CommandLine command_line;
  return command_line.run(argc, argv);
}
