#pragma once

#include "orchestrator/plan/build_plan.hpp"

#include <string>
#include <string_view>
#include <vector>

// Several campaigns as one plan, so that one run carries them out: one scheduler under one set of limits, and
// one cap over all of them.
namespace callsheet::plan {

/// What a plan of these campaigns is called: "autumn + spring". No campaign's name holds such a text.
[[nodiscard]] std::string joint_name(std::vector<std::string> const& campaigns);
/// The campaigns of a plan that is called so; of a plan of one campaign, that one.
[[nodiscard]] std::vector<std::string> campaigns_in(std::string_view name);

/// Equal names, and settings for a run as a whole that differ, each told at both places.
[[nodiscard]] std::vector<Error> disagreements(std::vector<manifest::Campaign> const& campaigns);

/// The label that says which campaign a task of a joint plan is of, and the axis of that campaign's cap.
/// No axis of a matrix can be called so.
inline constexpr std::string_view campaign_axis = "campaign";

/// The campaigns' tasks one after the other, in the order of the campaigns' names, whatever order they are
/// given in. Tasks are called "spring/hero"; their identities and files are what they would be alone. The
/// plan's cap is the sum of the caps; each campaign's own is a cap on the group of its tasks, its caps by
/// group go beside that. Limits are the strictest of all. An element that several show is made once, on the
/// account of the first.
/// Fails as build_plan() does, with the errors of all; and with an error at the places of both where two
/// campaigns have one name, write to one file, ask for the very same clip, or say different things of what
/// holds for a run as a whole. Of one campaign, its build_plan().
[[nodiscard]] Checked<PlanTerms> build_joint_plan(std::vector<manifest::Campaign> const& campaigns,
                                                  catalog::Catalog const& catalog, MediaProbes const& probes,
                                                  TaskSink const& sink, TaskChoice const& choice = {});

}  // namespace callsheet::plan
