#include "orchestrator/cli/playground_quote.hpp"

#include "orchestrator/manifest/campaign.hpp"
#include "orchestrator/media/image_check.hpp"
#include "orchestrator/media/video_check.hpp"
#include "orchestrator/plan/build_plan.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace callsheet::cli {

namespace {

/// Money plays no part in what a clip costs.
constexpr Credits draft_cap = Credits::whole(1'000'000);
constexpr char const* draft_name = "playground";

/// Frames never change once they are there, and every change of the form asks for them again.
ImageProbe remembering(ImageProbe probe) {
  auto known = std::make_shared<std::map<std::string, ImageFacts>>();
  return [known, probe = std::move(probe)](std::string const& path) -> Result<ImageFacts> {
    if (auto const found = known->find(path); found != known->end()) return found->second;
    Result<ImageFacts> facts = probe(path);
    if (facts) known->emplace(path, *facts);
    return facts;
  };
}

/// "    duration: 16" is about the form's duration.
std::string field_in(std::string_view line) {
  if (line.starts_with("      - {")) return "shots";
  std::size_t const begin = line.find_first_not_of(" -");
  std::size_t const colon = line.find(':');
  bool const has_key = begin != std::string_view::npos && colon != std::string_view::npos && begin < colon;
  return has_key ? std::string{line.substr(begin, colon - begin)} : "";
}

}  // namespace

PlaygroundPricing::PlaygroundPricing(catalog::Catalog const& catalog, Place place)
    : catalog_{catalog},
      place_{std::move(place)},
      probes_{.image = remembering(media::probe_image), .video = media::probe_video} {}

std::string PlaygroundPricing::manifest(PlaygroundForm const& form, std::string const& name,
                                        Credits cap) const {
  return manifest_text(form, {.campaign = name, .cap = cap}, place_.frame_path);
}

Checked<plan::Plan> PlaygroundPricing::planned(PlaygroundForm const& form,
                                               PlaygroundTerms const& terms) const {
  auto const campaign = manifest::load_text(place_.folder / (terms.campaign + ".yaml"),
                                            manifest_text(form, terms, place_.frame_path));
  if (!campaign) return tl::unexpected{campaign.error()};
  return plan::build_plan(*campaign, catalog_, probes_);
}

std::vector<FormMistake> PlaygroundPricing::mistakes_of(std::vector<Error> errors) const {
  std::vector<FormMistake> mistakes;
  for (Error& error : errors)
    mistakes.push_back(
        {.field = field_in(error.source_line), .what = std::move(error.what), .mend = std::move(error.mend)});
  return mistakes;
}

Result<PlaygroundQuote> PlaygroundPricing::quote(PlaygroundForm const& form, ledger::Ledger* ledger) const {
  PlaygroundQuote quote;
  auto const every = planned(form, {.campaign = draft_name, .cap = draft_cap, .every_model = true});
  if (every) {
    quote.offers = every->tasks.front().route->candidates;
    quote.left_out = every->tasks.front().route->left_out;
  }
  auto plan = planned(form, {.campaign = draft_name, .cap = draft_cap});
  if (!plan) {
    quote.mistakes = mistakes_of(std::move(plan.error()));
    return quote;
  }
  quote.task = std::move(plan->tasks.front());
  for (plan::Candidate const& one : quote.task->route->candidates)
    quote.most = std::max(quote.most, one.most);
  if (ledger == nullptr) return quote;
  auto const known = find_reuse(*ledger, place_.gateway, {quote.task->identity});
  if (!known) return fail(known.error());
  quote.made = known->front();
  return quote;
}

}  // namespace callsheet::cli
