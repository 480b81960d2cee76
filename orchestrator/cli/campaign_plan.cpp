#include "orchestrator/cli/campaign_plan.hpp"

#include "orchestrator/cli/github.hpp"
#include "orchestrator/cli/plan_file.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/media/image_check.hpp"
#include "orchestrator/media/video_check.hpp"
#include "orchestrator/plan/gateway_of.hpp"
#include "orchestrator/plan/joint_plan.hpp"
#include "orchestrator/run/clip_files.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace callsheet::cli {

/// A nightly run whose data file has no rows today is no broken manifest: it has an exit code of its own.
ExitCode exit_code_of(std::vector<Error> const& errors) {
  bool const nothing = std::all_of(errors.begin(), errors.end(),
                                   [](Error const& error) { return error.code == Code::nothing_to_make; });
  return nothing ? ExitCode::nothing_to_run : ExitCode::usage;
}

ExitCode refuse(std::vector<Error> const& errors) {
  show(errors);
  for (Error const& error : errors) annotate(error);
  return exit_code_of(errors);
}

void CatalogFlags::add_to(CLI::App& command) {
  command.add_option("--catalog", file, "A catalog file of your own instead of the built-in one")
      ->type_name("FILE")
      ->envname("CALLSHEET_CATALOG");
  command.add_option("--prices", prices, "Name of a price list in the catalog (default: its first)")
      ->type_name("PRICES")
      ->envname("CALLSHEET_PRICES");
}

Result<catalog::Catalog> load(CatalogFlags const& flags) {
  return catalog::load({.file = flags.file, .price_list = flags.prices});
}

void ChoiceFlags::add_to(CLI::App& command) {
  command
      .add_option(
          "--tag", words.tags,
          "Only tasks with this tag, or without it ('!draft'); given again: any of those, none of the '!' ones")
      ->type_name("TAG")
      ->allow_extra_args(false);
  command
      .add_option("--only", words.names,
                  "Only tasks of this name; * stands for any text ('hero-*'); given again: any of those")
      ->allow_extra_args(false);
  command
      .add_option("--sample", words.sample,
                  "Only so many of the tasks, one take of each: always the same ones, drawn as by lot")
      ->check(CLI::Range(1, 1'000'000));
}

std::string Script::name() const {
  std::vector<std::string> names;
  names.reserve(campaigns.size());
  for (manifest::Campaign const& campaign : campaigns) names.push_back(campaign.name);
  return plan::joint_name(names);
}

std::set<std::filesystem::path> Script::output_dirs() const {
  std::set<std::filesystem::path> folders;
  for (manifest::Campaign const& campaign : campaigns) folders.insert(campaign.output_dir);
  // Those of several campaigns are one, or lie side by side.
  if (folders.size() > 1) folders.insert(folders.begin()->parent_path());
  return folders;
}

Credits Script::cap() const {
  Credits sum;
  for (manifest::Campaign const& campaign : campaigns) sum += campaign.budget.cap;
  return sum;
}

Checked<Script> load_script(Manifests const& manifests, CatalogFlags const& flags) {
  Result<catalog::Catalog> catalog = load(flags);
  if (!catalog) return tl::unexpected{std::vector{catalog.error()}};
  Script script{.campaigns = {}, .catalog = *std::move(catalog)};
  std::vector<Error> errors;
  auto const tell = [&errors](std::vector<Error> found) {
    std::move(found.begin(), found.end(), std::back_inserter(errors));
  };
  for (std::filesystem::path const& path : manifests) {
    if (auto plan_file = plan_in_place_of_manifest(path)) {
      errors.push_back(*std::move(plan_file));
      continue;
    }
    Checked<manifest::Campaign> campaign = manifest::load(path);
    if (!campaign) {
      tell(std::move(campaign.error()));
      continue;
    }
    tell(plan::keys_in_reach(*campaign, script.catalog));
    script.campaigns.push_back(*std::move(campaign));
  }
  if (!errors.empty()) return tl::unexpected{std::move(errors)};
  std::stable_sort(script.campaigns.begin(), script.campaigns.end(),
                   [](manifest::Campaign const& a, manifest::Campaign const& b) { return a.name < b.name; });
  // Before a lease is asked for: of one campaign there is one.
  if (auto differ = plan::disagreements(script.campaigns); !differ.empty())
    return tl::unexpected{std::move(differ)};
  return script;
}

Result<void> only_of_one(Manifests const& manifests, std::string_view flag) {
  if (manifests.size() == 1 || flag.empty()) return {};
  return fail(Code::usage,
              fmt::format("{}: goes by what one manifest says, and here are {}", flag, manifests.size()),
              "give one manifest; what is made is not bought again by a run of all");
}

tl::expected<Script, ExitCode> read_script(Manifests const& manifests, CatalogFlags const& flags) {
  Checked<Script> script = load_script(manifests, flags);
  if (script) return *std::move(script);
  return tl::unexpected{refuse(script.error())};
}

Checked<plan::PlanTerms> plan_tasks(Script const& script, plan::TaskSink const& sink) {
  MediaProbes const probes{media::probe_image, media::probe_video};
  if (script.retakes)
    return plan::build_plan(script.campaigns.front(), script.catalog, probes, sink, script.choice,
                            &*script.retakes);
  return plan::build_joint_plan(script.campaigns, script.catalog, probes, sink, script.choice);
}

tl::expected<plan::PlanTerms, ExitCode> plan_script(Script const& script, plan::TaskSink const& sink) {
  Checked<plan::PlanTerms> terms = plan_tasks(script, sink);
  if (terms) return *std::move(terms);
  return tl::unexpected{refuse(terms.error())};
}

std::string count_of(std::int64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string clip_in_words(plan::PlannedTask const& task) {
  if (plan::is_element(task)) return "element";
  return fmt::format("{} s {}{}{}", task.request.duration.count(),
                     to_string(task.route->candidates.front().quality),
                     task.request.sound == Sound::on ? " sound" : "",
                     task.request.shots.empty() ? "" : fmt::format(" {} shots", task.request.shots.size()));
}

std::string elements_in_words(PlanSums const& sums) {
  std::string text = count_of(sums.elements, "element") + " that they show";
  std::int64_t const there = sums.elements - sums.elements_to_make;
  if (there > 0) text += fmt::format(", {} of them made or paid for already", there);
  return text;
}

namespace {

/// A clip whose file is gone may hide one that is paid for, or in doubt: that is not bought once more.
Result<void> see_what_is_paid_for(ledger::Ledger& ledger, std::string const& gateway,
                                  std::vector<TaskIdentity> const& identities, std::vector<Reuse>& reuse) {
  for (std::size_t i = 0; i < reuse.size(); ++i) {
    if (reuse[i].known != Known::file_gone) continue;
    auto const paid = ledger.find_clips(gateway, {identities[i]}, ledger::Clips::paid);
    if (!paid) return fail(paid.error());
    if (paid->front()) reuse[i] = {.known = Known::outstanding, .clip = *paid->front()};
  }
  return {};
}

/// What a review has accepted is not made anew, as long as its file is there.
Result<void> keep_accepted(ledger::Ledger& ledger, std::string const& gateway,
                           std::vector<TaskIdentity> const& identities,
                           std::set<TaskIdentity> const& accepted, std::vector<Reuse>& reuse) {
  for (std::size_t i = 0; i < reuse.size(); ++i) {
    if (reuse[i].known != Known::no) continue;
    auto const made = ledger.find_clips(gateway, {identities[i]}, ledger::Clips::made_or_paid);
    if (!made) return fail(made.error());
    auto const& clip = made->front();
    if (clip && clip->clip && run::in_place(*clip->clip) &&
        (accepted.contains(identities[i]) || accepted.contains(clip->identity)))
      reuse[i] = {.known = Known::made, .clip = *clip};
  }
  return {};
}

}  // namespace

Result<std::vector<Reuse>> find_reuse(ledger::Ledger& ledger, std::string const& gateway,
                                      std::vector<TaskIdentity> const& identities, Reusing const& reusing) {
  // A clip that is made hides one that is only paid for: what is made anew has to ask for those alone.
  auto const clips = ledger.find_clips(gateway, identities,
                                       reusing.made ? ledger::Clips::made_or_paid : ledger::Clips::paid);
  if (!clips) return fail(clips.error());
  std::vector<Reuse> reuse(identities.size());
  for (std::size_t i = 0; i < reuse.size(); ++i) {
    auto const& clip = (*clips)[i];
    if (!clip) continue;
    reuse[i].clip = *clip;
    if (clip->outcome == TaskOutcome::made || clip->outcome == TaskOutcome::mismatched ||
        clip->outcome == TaskOutcome::reused)
      reuse[i].known =
          clip->element || (clip->clip && run::in_place(*clip->clip)) ? Known::made : Known::file_gone;
    else
      reuse[i].known = Known::outstanding;
  }
  if (!reusing.accepted.empty())
    if (auto kept = keep_accepted(ledger, gateway, identities, reusing.accepted, reuse); !kept)
      return fail(kept.error());
  if (auto seen = see_what_is_paid_for(ledger, gateway, identities, reuse); !seen) return fail(seen.error());
  return reuse;
}

void PlanSums::add_element(plan::PlannedTask const& task, Known known) {
  if (known == Known::over_budget) return;
  Credits const price = task.route->candidates.front().expected;
  ++elements;
  all += price;
  if (known == Known::made || known == Known::outstanding) saved += price;
  if (!is_bought(known)) return;
  ++elements_to_make;
  fresh += price;
}

void PlanSums::add(plan::PlannedTask const& task, Known known) {
  if (plan::is_element(task)) return add_element(task, known);
  ++clips;
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
      saved += price;
      return;
    case Known::outstanding:
      ++outstanding;
      saved += price;
      return;
    case Known::over_budget:
      ++over_budget;
      return;
  }
}

}  // namespace callsheet::cli
