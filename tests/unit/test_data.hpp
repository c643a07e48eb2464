#pragma once

#include <string>
#include <string_view>

namespace sluice::test {

/// Where a file or folder of tests/data lies, such as "wire/packets.txt".
std::string test_data(std::string_view name);

/// The same of conf/.
std::string conf(std::string_view name);

}  // namespace sluice::test
