#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/report/dispute.hpp"
#include "orchestrator/report/run_reader.hpp"

#include <filesystem>

namespace callsheet::cli {

/// The clips of a run that came other than ordered, as many as `model` shows. Reads their files, for the
/// digest. Fails like RunReader::stories.
[[nodiscard]] Result<report::Dispute> mismatched_clips(report::RunReader& run,
                                                       report::ResultModel const& model);

/// Writes dispute.md and dispute.json, each whole or not at all, and gives the path of the first. Fails with
/// Code::file_system.
[[nodiscard]] Result<std::filesystem::path> write_dispute(report::Dispute const& dispute,
                                                          std::filesystem::path const& folder);

}  // namespace callsheet::cli
