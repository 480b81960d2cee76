#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/sidecar.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace callsheet::cli {

/// What has become of a clip since it was published.
enum class FileState {
  whole,            ///< to the byte what was recorded, and so is its sidecar
  unhashed,         ///< an older version recorded no digest: of the same size, which is all that can be said
  changed,          ///< the content is another one
  missing,          ///< the clip is gone
  sidecar_missing,  ///< the clip is whole
  sidecar_changed,  ///< the clip is whole, and its sidecar is not what was written, or not what the ledger
                    ///< knows
  unreadable,       ///< the clip, its sidecar or a folder of them could not be read
  foreign,          ///< a clip that nothing tells of
};
std::string_view to_string(FileState state);

/// What a clip was held against: a sidecar alone can be forged together with its clip.
enum class Witness { ledger, sidecar, none };
std::string_view to_string(Witness witness);

struct FileFinding {
  FileState state = FileState::whole;
  Witness against = Witness::none;
  std::filesystem::path file;
  std::string detail;  ///< one sentence; empty for what is whole
};

/// Holds clips and sidecars against what was recorded of them: the ledger where it knows of them, else the
/// sidecar alone. Every clip is read whole; what cannot be read is a finding. Blocking.
class Verification {
 public:
  /// `ledger` may be null and outlives it; `tell` is called for every clip, in the order they are looked at.
  Verification(ledger::Ledger* ledger, std::function<void(FileFinding const&)> tell);

  /// Every clip of the run, and whatever else is in its output folder. Fails when the ledger does.
  [[nodiscard]] Result<void> check_run(report::RunReader& run);
  /// Every clip in the folder and below. Fails when the ledger does.
  [[nodiscard]] Result<void> check_folder(std::filesystem::path const& folder);

 private:
  [[nodiscard]] Result<void> check_clip(report::RunReader& run, report::ClipLine const& clip);
  [[nodiscard]] Result<void> check_by_sidecar(std::filesystem::path const& clip);
  void check_orphan(std::filesystem::path const& sidecar);

  std::function<void(FileFinding const&)> tell_;
  std::optional<report::Sidecars> texts_;
  std::set<std::filesystem::path> seen_;
};

}  // namespace callsheet::cli
