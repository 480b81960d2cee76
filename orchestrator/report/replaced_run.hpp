#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <filesystem>

namespace callsheet::report {

/// Whether a later run of the whole campaign was begun in its place: what it had not bought was that one's to
/// make, perhaps from other prompts. Fails as the ledger does.
[[nodiscard]] Result<bool> is_replaced(ledger::Ledger& ledger, RunId const& run);

/// Where the run's reports lie: beside its clips, or in a folder of the run's name there once a later run was
/// begun in its place and there, whose reports are then the ones that people look for beside the clips. Fails
/// as the ledger does.
[[nodiscard]] Result<std::filesystem::path> report_folder(ledger::Ledger& ledger, RunId const& run,
                                                          std::filesystem::path const& output_dir);

}  // namespace callsheet::report
