#pragma once

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <filesystem>
#include <string>

namespace callsheet::ledger {

/// Tells other processes that this one works on a run, for as long as it lives and does: a file with a lock
/// that the kernel frees with the process, and that can be asked for without being taken. Beside it stands
/// which run and process it is.
class RunSign {
 public:
  /// Only whoever has the campaign's lease may. Fails with Code::ledger_unavailable.
  [[nodiscard]] static Result<RunSign> raise(std::filesystem::path const& folder, std::string const& campaign,
                                             RunId const& run);

 private:
  explicit RunSign(Descriptor file) : file_{std::move(file)} {}
  Descriptor file_;
};

/// Who works on that run now: also this very process. Where it cannot be known, somebody may.
[[nodiscard]] Driven driven(std::filesystem::path const& folder, std::string const& campaign,
                            RunId const& run);

}  // namespace callsheet::ledger
