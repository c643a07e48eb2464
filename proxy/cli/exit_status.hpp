// How the program ends.
#pragma once

namespace sluice::proxy {

enum ExitStatus { done = 0, failed = 1, wrong_usage = 2 };

}  // namespace sluice::proxy
