#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/media_facts.hpp"
#include "orchestrator/core/result.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/plan/plan.hpp"
#include "orchestrator/plan/retakes.hpp"
#include "orchestrator/plan/task_choice.hpp"

#include <cstddef>
#include <functional>

namespace callsheet::plan {

/// Takes the tasks as they are planned. `route`: the number of the task's route among those of the plan, in
/// the order they first come up.
using TaskSink = std::function<void(PlannedTask&& task, std::size_t route)>;

/// Hands on every task of the campaign with its priced route, or gives everything that stands in the way, at
/// its place in the manifest: what no model can do, pictures that are missing or beyond the models' limits,
/// names and clips that come twice. With an error found, tasks that were handed on before are void. Each
/// picture and video is probed once. Deterministic; blocks as `probes` do. Never spends, never asks the
/// network. Memory: names, not tasks. What `choice` leaves out is looked at for mistakes, and not handed on.
/// `retakes` (null: no such thing): only these takes are planned, each with its own prompt where it has one.
/// One that asks for the very same clip as another task, whether that is made anew or not, is an error.
[[nodiscard]] Checked<PlanTerms> build_plan(manifest::Campaign const& campaign,
                                            catalog::Catalog const& catalog, MediaProbes const& probes,
                                            TaskSink const& sink, TaskChoice const& choice = {},
                                            Retakes const* retakes = nullptr);

/// The same, whole.
[[nodiscard]] Checked<Plan> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                                       MediaProbes const& probes);

}  // namespace callsheet::plan
