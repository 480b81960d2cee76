#pragma once

#include "orchestrator/manifest/document.hpp"

#include <string_view>

namespace callsheet::manifest {

/// What a plain (unquoted) scalar means in YAML 1.2's core schema: `null`, `true`, `7`, `0.5`; everything
/// else, `on`, `yes` and `16:9` among it, is text. Pure.
[[nodiscard]] NodeKind kind_of_plain_scalar(std::string_view text);

}  // namespace callsheet::manifest
