// toml++ as this program uses it: without exceptions, compiled once (config_toml.cpp).
#pragma once

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>
