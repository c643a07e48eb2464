#define TOML_IMPLEMENTATION
#include "proxy/config_toml.hpp"
