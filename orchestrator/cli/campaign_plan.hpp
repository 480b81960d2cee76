#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/plan/build_plan.hpp"
#include "orchestrator/plan/plan.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

namespace callsheet::cli {

/// Which catalog and prices: flags that several commands share.
struct CatalogFlags {
  std::filesystem::path file;
  std::string prices;
  void add_to(CLI::App& command);
};

[[nodiscard]] Result<catalog::Catalog> load(CatalogFlags const& flags);

/// `--tag`, `--only` and `--sample`, for commands that can be about a part of the tasks.
struct ChoiceFlags {
  plan::ChoiceWords words;
  void add_to(CLI::App& command);
};

/// What the command line names: one manifest, or several that one run carries out.
using Manifests = std::vector<std::filesystem::path>;

/// The manifests and the catalog they are planned against, read and found sound as far as each goes.
struct Script {
  std::vector<manifest::Campaign> campaigns;  ///< by name, at least one
  catalog::Catalog catalog;
  plan::TaskChoice choice{};               ///< of its tasks
  std::optional<plan::Retakes> retakes{};  ///< nothing but these is planned

  /// What its runs are called.
  [[nodiscard]] std::string name() const;
  /// Where its reports may be: its own, and those of a run of one of its campaigns alone.
  [[nodiscard]] std::set<std::filesystem::path> output_dirs() const;
  /// What its runs may cost: all caps together.
  [[nodiscard]] Credits cap() const;
};
/// Errors: those of all manifests; and where a part of the tasks, or a fit to the budget, is asked of
/// several.
[[nodiscard]] Checked<Script> load_script(Manifests const& manifests, CatalogFlags const& flags);
/// The same; shows every error. Empty: the exit code says why.
[[nodiscard]] tl::expected<Script, ExitCode> read_script(Manifests const& manifests,
                                                         CatalogFlags const& flags);
/// What goes by one manifest's words is not there for several: `--sample`, `--fit-budget`. `flag`: empty
/// where it is not given. Fails with Code::usage.
[[nodiscard]] Result<void> only_of_one(Manifests const& manifests, std::string_view flag);
/// What a manifest with these errors means for the caller.
[[nodiscard]] ExitCode exit_code_of(std::vector<Error> const& errors);
/// Shows them all, as annotations too on GitHub Actions; what the process ends with.
[[nodiscard]] ExitCode refuse(std::vector<Error> const& errors);

/// Plans the script's tasks one after the other. With an error, what was handed on is void.
[[nodiscard]] Checked<plan::PlanTerms> plan_tasks(Script const& script, plan::TaskSink const& sink);
/// The same; shows every error. Empty: the exit code says why.
[[nodiscard]] tl::expected<plan::PlanTerms, ExitCode> plan_script(Script const& script,
                                                                  plan::TaskSink const& sink);

/// "1 element", "2 elements"
[[nodiscard]] std::string count_of(std::int64_t count, std::string_view thing);

/// "5 s 720p sound", at the quality that is bought first
[[nodiscard]] std::string clip_in_words(plan::PlannedTask const& task);

/// What an earlier run of this ledger and gateway means for a task of the plan.
enum class Known {
  no,           ///< has to be bought
  made,         ///< in place, or an element at the gateway: nothing is bought
  file_gone,    ///< was made, but the file is no longer there: has to be bought again
  outstanding,  ///< another run has paid for it, or may have: not bought
  over_budget,  ///< left out of a plan that was fitted to its budget
};
struct Reuse {
  Known known = Known::no;
  ledger::KnownClip clip;
};

/// Whether clips that are made are taken (`--fresh`: no). What another run may have paid for and has not
/// brought home is never bought a second time.
struct Reusing {
  bool made = true;
  /// Clips that are taken all the same: those a review has accepted.
  std::set<TaskIdentity> accepted = {};
};

/// One entry a task. Fails when the ledger does.
[[nodiscard]] Result<std::vector<Reuse>> find_reuse(ledger::Ledger& ledger, std::string const& gateway,
                                                    std::vector<TaskIdentity> const& identities,
                                                    Reusing const& reusing = {});

[[nodiscard]] inline bool is_bought(Known known) {
  return known == Known::no || known == Known::file_gone;
}

/// What was left out has to be bought only if it is not there.
[[nodiscard]] inline Known known_of(plan::PlannedTask const& task, Known known) {
  return task.over_budget && is_bought(known) ? Known::over_budget : known;
}

/// What a plan comes to.
struct PlanSums {
  std::int64_t clips = 0;
  std::int64_t to_make = 0, made = 0, file_gone = 0, outstanding = 0, over_budget = 0;  ///< of the clips
  std::int64_t elements = 0, elements_to_make = 0;  ///< beside the clips, in the money below
  Credits all;    ///< of all tasks, at the prices of their chosen candidates
  Credits fresh;  ///< of those that have to be bought
  Credits saved;  ///< of those that are made, or paid for
  void add(plan::PlannedTask const& task, Known known);

 private:
  void add_element(plan::PlannedTask const& task, Known known);
};

/// "2 elements that they show, 1 of them made already"
[[nodiscard]] std::string elements_in_words(PlanSums const& sums);

}  // namespace callsheet::cli
