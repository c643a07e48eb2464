#define TOML_IMPLEMENTATION
#include "proxy/config/config_toml.hpp"
