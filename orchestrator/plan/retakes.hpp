#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/manifest/document.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace callsheet::plan {

/// How a take is made anew.
struct Retake {
  std::optional<std::string> prompt = {};  ///< in place of the manifest's
  /// Where it is asked for, which is where errors about the prompt are; null: they are where the manifest has
  /// the task.
  std::shared_ptr<manifest::Document const> asked_in = {};
  manifest::Place asked_at = {};
};

/// The takes that are made anew, by what they are in the manifest.
using Retakes = std::map<TaskIdentity, Retake>;

}  // namespace callsheet::plan
