#pragma once

#include "orchestrator/cli/progress.hpp"
#include "orchestrator/cli/still_files.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/sidecar.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace callsheet::cli {

/// Keeps the sidecars of a run's clips as the ledger would have them: writes what is missing or differs,
/// leaves what is right, and what tells of another clip that stands there by now. A sidecar appears whole or
/// not at all, and no file that is none is replaced. Blocking.
class SidecarFiles {
 public:
  /// `run` outlives it.
  explicit SidecarFiles(report::RunReader& run);

  /// Does nothing for a clip whose file is not in place, as far as its size tells.
  void keep(report::ClipLine const& clip);
  /// What went wrong first; clips are none the worse for it.
  [[nodiscard]] std::optional<Error> const& trouble() const { return trouble_; }

 private:
  [[nodiscard]] Result<void> keep_beside(std::filesystem::path const& place, report::ClipLine const& clip);
  [[nodiscard]] Result<bool> is_right(std::filesystem::path const& place, std::string_view sidecar,
                                      std::string_view wanted);

  report::RunReader& run_;
  report::Sidecars texts_;
  std::optional<Error> trouble_;
};

/// Shows the run, and gives each clip its sidecar, and the stills that were drawn of it, with the tick after
/// it was made: on a thread and with a ledger connection of its own, so that nothing waits for it. It draws
/// nothing itself: the run's end, which is yet to be recorded, waits for that thread. What fails or is cut
/// short here is made good when the reports are written.
[[nodiscard]] std::unique_ptr<Progress> with_sidecars(std::unique_ptr<Progress> shown,
                                                      ledger::Ledger const& ledger, RunId const& run,
                                                      StillWish stills);

}  // namespace callsheet::cli
