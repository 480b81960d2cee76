#pragma once

#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/cli/line_stream.hpp"
#include "orchestrator/cli/report_files.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"
#include "orchestrator/report/result_model.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::cli {

/// What the command line may change of a run.
struct RunFlags {
  std::optional<int> in_flight;  ///< -j
  bool yes = false;
  bool another_follows = false;   ///< this one only comes home first: no summary, no path of its report
  std::filesystem::path log;      ///< --log; empty: none
  std::filesystem::path events;   ///< --events; empty: none; "-": on stdout, which is then for them alone
  std::filesystem::path metrics;  ///< --metrics; empty: none
  bool page = false;              ///< --ui
  std::uint16_t port = 0;         ///< --port, of the page; 0: a free one
  ReportCopies copies = {};
  StillWish stills = StillWish::some;            ///< --no-stills
  std::shared_ptr<LineStream> event_lines = {};  ///< of --events, once they are open
  std::shared_ptr<LineStream> log_lines = {};    ///< of --log, as above

  /// --ui, --log, --events, --metrics, --no-stills and the copies of the report.
  void add_outputs_to(CLI::App& command);
  /// Before anything is recorded: opens what is written as the run goes, and asks whether the files that are
  /// written anew can be, and whether the page's port is free. Fails with Code::file_system, or Code::usage
  /// when two are one file or the port is taken.
  [[nodiscard]] Result<void> open_places();
};

using Leases = std::vector<std::unique_ptr<ledger::Lease>>;
/// Holds the campaigns of a run of that name for as long as this process works on them, but for those of a
/// run called `held`, which it holds already. Fails as Ledger::lease().
[[nodiscard]] Result<Leases> lease_all(ledger::Ledger& ledger, std::string const& name,
                                       std::string const& held = {});

/// What the plan and the flags say about how it is carried out, at whatever gateway: tune() does the rest.
[[nodiscard]] engine::Settings settings_of(plan::PlanTerms const& terms, RunFlags const& flags);

/// How the engine carries out a run of that plan at the session's gateway. Fails when the ledger does.
[[nodiscard]] Result<engine::Settings> settings_for(Session const& session, ledger::Ledger& ledger,
                                                    plan::PlanTerms const& terms, RunFlags const& flags);

/// The display, and what --events and --metrics ask for beside it; without any of them what was given, which
/// may be null.
[[nodiscard]] Result<std::unique_ptr<Progress>> with_streams(std::unique_ptr<Progress> shown,
                                                             ledger::Ledger& ledger, RunId const& run,
                                                             RunFlags const& flags);

/// Carries a run that has started to its end, ends it in the ledger, writes its reports, shows the summary on
/// stderr and the path of the HTML report on stdout.
[[nodiscard]] ExitCode carry_out(Session& session, ledger::Ledger& ledger, RunId const& run,
                                 RunFlags const& flags, Session::Mode mode);

/// What a run exits with that came to this.
[[nodiscard]] ExitCode exit_code_of(report::ResultModel const& model);

/// The ledger's word on how the run ended, from what became of its tasks.
[[nodiscard]] Result<void> end_run(ledger::Ledger& ledger, RunId const& run, run::Ending ending,
                                   TimePoint now);

/// Writes reports and summary of a run as it stands, and what GitHub Actions shows of it; the exit code
/// follows from what it came to, and is never 0 where a copy of the report is missing.
[[nodiscard]] ExitCode conclude(ledger::Ledger& ledger, RunId const& id, RunFlags const& flags);
/// The same, for commands whose own success does not hang on what the run came to. Shows every error.
[[nodiscard]] tl::expected<report::ResultModel, ExitCode> write_down(ledger::Ledger& ledger, RunId const& id);

}  // namespace callsheet::cli
