#include "orchestrator/cli/campaign_plan.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/media/image_check.hpp"
#include "orchestrator/plan/build_plan.hpp"
#include "orchestrator/run/clip_store.hpp"

#include <algorithm>

namespace callsheet::cli {

namespace {

/// A nightly run whose data file has no rows today is no broken manifest: it has an exit code of its own.
ExitCode refuse(std::vector<Error> const& errors) {
  show(errors);
  bool const nothing = std::all_of(errors.begin(), errors.end(),
                                   [](Error const& error) { return error.code == Code::nothing_to_make; });
  return nothing ? ExitCode::nothing_to_run : ExitCode::usage;
}

}  // namespace

void CatalogFlags::add_to(CLI::App& command) {
  command.add_option("--catalog", file, "A catalog file of your own instead of the built-in one")
      ->envname("CALLSHEET_CATALOG");
  command.add_option("--prices", prices, "Name of a price list in the catalog (default: its first)")
      ->envname("CALLSHEET_PRICES");
}

Result<catalog::Catalog> load(CatalogFlags const& flags) {
  return catalog::load({.file = flags.file, .price_list = flags.prices});
}

tl::expected<PlannedCampaign, ExitCode> plan_campaign(std::filesystem::path const& manifest,
                                                      CatalogFlags const& flags) {
  Result<catalog::Catalog> catalog = load(flags);
  if (!catalog) {
    show(catalog.error());
    return tl::unexpected{ExitCode::usage};
  }
  Checked<manifest::Campaign> const campaign = manifest::load(manifest);
  if (!campaign) return tl::unexpected{refuse(campaign.error())};
  Checked<plan::Plan> plan = plan::build_plan(*campaign, *catalog, media::probe_image);
  if (!plan) return tl::unexpected{refuse(plan.error())};
  return PlannedCampaign{.plan = *std::move(plan), .catalog = *std::move(catalog)};
}

Result<std::vector<Reuse>> find_reuse(ledger::Ledger& ledger, std::string const& gateway,
                                      plan::Plan const& plan) {
  std::vector<TaskIdentity> identities;
  identities.reserve(plan.tasks.size());
  for (plan::PlannedTask const& task : plan.tasks) identities.push_back(task.identity);
  auto const clips = ledger.find_clips(gateway, identities);
  if (!clips) return fail(clips.error());
  std::vector<Reuse> reuse(plan.tasks.size());
  for (std::size_t i = 0; i < reuse.size(); ++i) {
    auto const& clip = (*clips)[i];
    if (!clip) continue;
    reuse[i].clip = *clip;
    if (clip->outcome == TaskOutcome::made || clip->outcome == TaskOutcome::reused)
      reuse[i].known = clip->clip && run::in_place(*clip->clip) ? Known::made : Known::file_gone;
    else
      reuse[i].known = Known::outstanding;
  }
  return reuse;
}

Credits expected_cost(plan::Plan const& plan) {
  Credits sum;
  for (plan::PlannedTask const& task : plan.tasks) sum += task.route.candidates.front().expected;
  return sum;
}

Credits new_spend(plan::Plan const& plan, std::vector<Reuse> const& reuse) {
  Credits sum;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i)
    if (reuse[i].known == Known::no || reuse[i].known == Known::file_gone)
      sum += plan.tasks[i].route.candidates.front().expected;
  return sum;
}

}  // namespace callsheet::cli
