#pragma once

#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/child_processes.hpp"
#include "tools/local_gateway/shoot.hpp"

namespace callsheet::local_gateway {

struct AnimaticJob {
  Shoot shoot;
  std::filesystem::path scratch;  ///< a folder of its own is made below it, and removed
  std::filesystem::path output;   ///< appears whole or not at all
  bool captions = true;
};

/// Renders an animatic: the frames moved as the prompt asks, exact size and length, H.264 at 24 frames a
/// second, AAC when there is sound. Blocking.
[[nodiscard]] Result<void> make_animatic(AnimaticJob const& job, ChildProcesses& children);

}  // namespace callsheet::local_gateway
