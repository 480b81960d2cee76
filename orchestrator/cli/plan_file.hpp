#pragma once

#include "orchestrator/cli/budget_fit.hpp"
#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/plan/outline.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// What `plan --json` prints and `plan --out` writes: a plan to be read by people and programs, and to be
/// carried out as it stands (`run plan.json`) or compared (`diff`).

[[nodiscard]] std::string_view name_of(Known known);

/// The plan of the script as of now, against what `ledger` (null: there is none) knows of `gateway`. Shows
/// every error. Empty: the exit code says why.
[[nodiscard]] tl::expected<plan::Outline, ExitCode> outline_script(
    Script const& script, Manifests const& manifests, ledger::Ledger* ledger, std::string const& gateway,
    Reusing const& reusing = {}, std::optional<BudgetFit> const& fit = {});

/// `known`: of each task, as found with `reusing`. `from`: the folder that the paths of manifests are
/// told from.
[[nodiscard]] nlohmann::json plan_document(plan::Plan const& plan, std::vector<Known> const& known,
                                           Reusing const& reusing, std::string const& gateway,
                                           Manifests const& manifests, std::filesystem::path const& from,
                                           std::vector<plan::PinnedInput> const& inputs);

/// Whether that is a plan file rather than a manifest.
[[nodiscard]] bool is_plan_file(std::filesystem::path const& path);
/// What to tell where a plan file stands in a manifest's place; empty: it is none by its content.
[[nodiscard]] std::optional<Error> plan_in_place_of_manifest(std::filesystem::path const& path);
/// The manifests' paths in it are absolute. Fails with Code::invalid_input, not_found or file_system.
[[nodiscard]] Result<plan::Outline> read_plan_file(std::filesystem::path const& path);

}  // namespace callsheet::cli
