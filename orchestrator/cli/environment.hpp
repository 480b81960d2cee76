#pragma once

#include <cstdlib>
#include <string>

namespace callsheet::cli {

/// What the environment says; empty where it says nothing.
[[nodiscard]] inline std::string environment(char const* name) {
  char const* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace callsheet::cli
