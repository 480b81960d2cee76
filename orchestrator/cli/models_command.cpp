#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/model_wish.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct ModelsOptions {
  std::string mode;
  std::string can;
  CatalogFlags catalog;
  bool as_json = false;
};

std::string rate_text(catalog::Tariff const* tariff, Quality quality) {
  std::string text;
  for (Sound const sound : {Sound::off, Sound::on}) {
    auto const rate = tariff == nullptr ? std::nullopt : catalog::rate(*tariff, quality, sound);
    if (!rate) continue;
    text += fmt::format("{}{}{}", text.empty() ? "" : " / ", to_string(*rate),
                        sound == Sound::on ? " sound" : "");
  }
  return text.empty() ? "-" : text;
}

std::string features(catalog::Model const& model) {
  std::string text;
  auto const add = [&](bool has, char const* name) {
    if (has) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  };
  add(model.image_start.has_value(), "first frame");
  add(model.image_end.has_value(), "end frame");
  add(!model.sounds.empty(), "sound");
  add(model.shots.has_value(), "shots");
  add(model.negative_prompt.has_value(), "negative prompt");
  add(!model.aspect_ratios.empty(), "aspect ratio");
  return text;
}

std::string table(catalog::Catalog const& catalog, std::vector<catalog::Model const*> const& models) {
  std::string text =
      fmt::format("Credits for each second of video, prices of {} ({} credits = 1 USD)\n\n",
                  catalog.prices().name, static_cast<std::int64_t>(catalog.prices().credits_per_usd));
  text += fmt::format("{:<30}  {:<15}  {:<6}  {:<18}  {:<20}  {:<16}  {}\n", "MODEL", "MODE", "SECS", "720P",
                      "1080P", "4K", "CAN");
  for (catalog::Model const* model : models) {
    catalog::Tariff const* const tariff = catalog.tariff(model->id);
    text += fmt::format("{:<30}  {:<15}  {:<6}  {:<18}  {:<20}  {:<16}  {}\n", model->id.str(),
                        to_string(model->mode),
                        fmt::format("{}-{}", model->duration_min.count(), model->duration_max.count()),
                        rate_text(tariff, Quality::p720), rate_text(tariff, Quality::p1080),
                        rate_text(tariff, Quality::k4), features(*model));
  }
  return text;
}

std::string offers_text(catalog::Catalog const& catalog, Offers const& offers) {
  CreditsPerUsd const rate = catalog.prices().credits_per_usd;
  std::string text = fmt::format("Credits for a clip, cheapest first; prices of {} ({} credits = 1 USD)\n\n",
                                 catalog.prices().name, static_cast<std::int64_t>(rate));
  text += fmt::format("{:<30}  {:<15}  {:<8}  {:>4}  {:>12}  {:>10}\n", "MODEL", "MODE", "QUALITY", "SECS",
                      "CREDITS", "~USD");
  for (Offer const& offer : offers.offers)
    text += fmt::format("{:<30}  {:<15}  {:<8}  {:>4}  {:>12}  {:>10}\n", offer.model->id.str(),
                        to_string(offer.model->mode), to_string(offer.quality), offer.duration.count(),
                        to_string(offer.clip), approximate_usd(offer.clip, rate));
  if (offers.offers.empty()) text += "none can do all of that\n";
  if (!offers.left_out.empty()) text += "\nleft out\n";
  for (LeftOut const& one : offers.left_out) text += fmt::format("  {}\n", one.why);
  return text;
}

json offers_json(Offers const& offers) {
  json models = json::array();
  for (Offer const& offer : offers.offers)
    models.push_back({{"model", offer.model->id.str()},
                      {"mode", to_string(offer.model->mode)},
                      {"quality", to_string(offer.quality)},
                      {"duration_s", offer.duration.count()},
                      {"clip", report::amount_json(offer.clip)}});
  json left_out = json::array();
  for (LeftOut const& one : offers.left_out)
    left_out.push_back({{"model", one.model->id.str()}, {"why", one.why}});
  return {{"models", std::move(models)}, {"left_out", std::move(left_out)}};
}

ExitCode show_offers(ModelsOptions const& flags, catalog::Catalog const& catalog) {
  Result<ModelWish> wish = parse_wish(flags.can);
  if (!wish) return refuse(wish.error());
  if (!flags.mode.empty()) wish->mode = parse_mode(flags.mode);
  Offers const offers = offers_for(catalog, *wish);
  print(flags.as_json ? to_text(offers_json(offers)) : offers_text(catalog, offers));
  return offers.offers.empty() ? ExitCode::usage : ExitCode::done;
}

json model_json(catalog::Catalog const& catalog, catalog::Model const& model) {
  json rates = json::array();
  catalog::Tariff const* const tariff = catalog.tariff(model.id);
  if (tariff != nullptr)
    for (auto const& [key, factor] : tariff->factors)
      if (auto const rate = catalog::rate(*tariff, key.first, key.second))
        rates.push_back({{"quality", to_string(key.first)},
                         {"sound", to_string(key.second)},
                         {"per_second", report::amount_json(*rate)}});
  json qualities = json::array();
  for (Quality const quality : model.qualities) qualities.push_back(to_string(quality));
  json ratios = json::array();
  for (AspectRatio const ratio : model.aspect_ratios) ratios.push_back(to_string(ratio));
  return {{"model", model.id.str()},
          {"mode", to_string(model.mode)},
          {"source", model.source},
          {"duration_s", {{"min", model.duration_min.count()}, {"max", model.duration_max.count()}}},
          {"qualities", std::move(qualities)},
          {"aspect_ratios", std::move(ratios)},
          {"sound", !model.sounds.empty()},
          {"image_start", model.image_start.has_value()},
          {"image_end", model.image_end.has_value()},
          {"shots", model.shots.has_value()},
          {"negative_prompt", model.negative_prompt.has_value()},
          {"watermark", model.watermark},
          {"rates", std::move(rates)}};
}

ExitCode show_models(ModelsOptions const& flags) {
  auto const catalog = load(flags.catalog);
  if (!catalog) return refuse(catalog.error());
  if (!flags.can.empty()) return show_offers(flags, *catalog);
  std::vector<catalog::Model const*> models;
  for (catalog::Model const& model : catalog->models)
    if (flags.mode.empty() || to_string(model.mode) == flags.mode) models.push_back(&model);
  if (!flags.as_json) {
    print(table(*catalog, models));
    return ExitCode::done;
  }
  json lists = json::array();
  for (catalog::PriceList const& prices : catalog->price_lists) lists.push_back(prices.name);
  json list = json::array();
  for (catalog::Model const* model : models) list.push_back(model_json(*catalog, *model));
  print(to_text({{"prices",
                  {{"name", catalog->prices().name},
                   {"source", catalog->prices().source},
                   {"credits_per_usd", static_cast<std::int64_t>(catalog->prices().credits_per_usd)}}},
                 {"price_lists", std::move(lists)},
                 {"models", std::move(list)}}));
  return ExitCode::done;
}

}  // namespace

void add_models(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<ModelsOptions>();
  CLI::App* command = app.add_subcommand("models", "The models of the catalog: what each can do and costs");
  command->add_option("--mode", flags->mode, "Only this mode")
      ->check(CLI::IsMember({"text-to-video", "image-to-video"}));
  command->add_option("--can", flags->can,
                      "Only models that can do all of this, by price: image-to-video,10s,1080p,sound");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return show_models(*flags); }; });
}

}  // namespace callsheet::cli
