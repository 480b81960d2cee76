#pragma once

#include "orchestrator/core/ids.hpp"

#include <map>
#include <optional>
#include <string>

namespace callsheet::plan {

/// How a take is made anew.
struct Retake {
  std::optional<std::string> prompt = {};  ///< in place of the manifest's
};

/// The takes that are made anew, by what they are in the manifest.
using Retakes = std::map<TaskIdentity, Retake>;

}  // namespace callsheet::plan
