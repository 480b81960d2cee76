#pragma once

#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/exit_code.hpp"

#include <filesystem>

namespace callsheet::cli {

/// Has every clip of the campaign drawn as an animatic by a gateway of its own, without regard to caps, rates
/// and deadlines, and writes a storyboard of them: `folder`/storyboard.html, beside `folder`/clips. What an
/// earlier preview has drawn is taken again where nothing about it changed; what is no longer part of the
/// campaign goes. `folder` is the preview's own. Blocks; SIGINT ends it in order. Shows every error; the path
/// of the storyboard goes to stdout.
[[nodiscard]] ExitCode preview(Script const& script, std::filesystem::path const& folder);

}  // namespace callsheet::cli
