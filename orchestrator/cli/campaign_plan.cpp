#include "orchestrator/cli/campaign_plan.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/media/image_check.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <algorithm>

namespace callsheet::cli {

namespace {

/// A nightly run whose data file has no rows today is no broken manifest: it has an exit code of its own.
tl::unexpected<ExitCode> refused(std::vector<Error> const& errors) {
  show(errors);
  bool const nothing = std::all_of(errors.begin(), errors.end(),
                                   [](Error const& error) { return error.code == Code::nothing_to_make; });
  return tl::unexpected{nothing ? ExitCode::nothing_to_run : ExitCode::usage};
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

tl::expected<Script, ExitCode> read_script(std::filesystem::path const& manifest, CatalogFlags const& flags) {
  Result<catalog::Catalog> catalog = load(flags);
  if (!catalog) {
    show(catalog.error());
    return tl::unexpected{ExitCode::usage};
  }
  Checked<manifest::Campaign> campaign = manifest::load(manifest);
  if (!campaign) return refused(campaign.error());
  return Script{.campaign = *std::move(campaign), .catalog = *std::move(catalog)};
}

tl::expected<plan::PlanTerms, ExitCode> plan_script(Script const& script, plan::TaskSink const& sink) {
  Checked<plan::PlanTerms> terms =
      plan::build_plan(script.campaign, script.catalog, media::probe_image, sink);
  if (!terms) return refused(terms.error());
  return *std::move(terms);
}

Result<std::vector<Reuse>> find_reuse(ledger::Ledger& ledger, std::string const& gateway,
                                      std::vector<TaskIdentity> const& identities) {
  auto const clips = ledger.find_clips(gateway, identities);
  if (!clips) return fail(clips.error());
  std::vector<Reuse> reuse(identities.size());
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

void PlanSums::add(plan::PlannedTask const& task, Known known) {
  ++tasks;
  Credits const price = task.route->candidates.front().expected;
  all += price;
  switch (known) {
    case Known::file_gone:
      ++file_gone;
      [[fallthrough]];
    case Known::no:
      ++to_make;
      fresh += price;
      return;
    case Known::made:
      ++made;
      return;
    case Known::outstanding:
      ++outstanding;
      return;
  }
}

}  // namespace callsheet::cli
