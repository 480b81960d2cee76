#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/record.hpp"
#include "orchestrator/media/clip_check.hpp"

#include <filesystem>

namespace callsheet::run {

// Where clips are kept. A file appears under its own name only when it is whole and on disk, and never
// replaces another clip: what was paid for once stays. All blocking.

/// The temporary file a clip is downloaded to, beside its final place; its folder is made. Always the same
/// for a place, so that what a killed process left behind is overwritten.
[[nodiscard]] Result<std::filesystem::path> partial_path(std::filesystem::path const& final_path);

/// Looks at the downloaded file and makes it durable. Fails with Code::bad_clip or file_system.
[[nodiscard]] Result<ledger::ClipRecord> check_download(std::filesystem::path const& partial);

/// `wanted` if nothing is there, else the first free "name~2.mp4", "name~3.mp4", …
[[nodiscard]] std::filesystem::path free_path(std::filesystem::path const& wanted);

/// Renames `partial` to `final_path` and makes the rename durable.
[[nodiscard]] Result<void> publish(std::filesystem::path const& partial,
                                   std::filesystem::path const& final_path);

/// Whether the recorded file is in place, unchanged in size.
[[nodiscard]] bool in_place(ledger::ClipRecord const& clip);

/// Brings a clip of an earlier run to `wanted` as a hard link, or a copy where links do not reach; gives the
/// record of the file in its new place. Does nothing when it is there already.
[[nodiscard]] Result<ledger::ClipRecord> link_clip(ledger::ClipRecord clip,
                                                   std::filesystem::path const& wanted);

}  // namespace callsheet::run
