#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
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
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return show_models(*flags); }; });
}

}  // namespace callsheet::cli
