// toml++ as this program uses it: without exceptions, compiled once (config_toml.cpp).
#pragma once

#define TOML_HEADER_ONLY 0
// Broken text fails some of its assertions ("[" before a control character, version 3.3): it goes
// on to report it all the same.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>
