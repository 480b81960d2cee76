#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct Flags {
  std::string mode;
  CatalogFlags catalog;
  bool as_json = false;
};

std::string rate_text(catalog::Rates const& rates, Quality quality) {
  std::string text;
  for (Sound const sound : {Sound::off, Sound::on}) {
    auto const rate = rates.find({quality, sound});
    if (rate == rates.end()) continue;
    text += fmt::format("{}{}{}", text.empty() ? "" : " / ", to_string(rate->second),
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
  add(model.has_sound, "sound");
  add(model.shots.has_value(), "shots");
  add(model.negative_prompt.has_value(), "negative prompt");
  add(!model.aspect_ratios.empty(), "aspect ratio");
  return text;
}

std::string table(catalog::Catalog const& catalog, std::vector<catalog::Model const*> const& models) {
  std::string text =
      fmt::format("Credits for each second of video, prices of {} ({} credits = 1 USD)\n\n",
                  catalog.prices.name, static_cast<std::int64_t>(catalog.prices.credits_per_usd));
  text += fmt::format("{:<30}  {:<15}  {:<6}  {:<18}  {:<20}  {:<16}  {}\n", "MODEL", "MODE", "SECS", "720P",
                      "1080P", "4K", "CAN");
  for (catalog::Model const* model : models) {
    auto const found = catalog.prices.rates.find(model->id);
    catalog::Rates const rates = found == catalog.prices.rates.end() ? catalog::Rates{} : found->second;
    text += fmt::format("{:<30}  {:<15}  {:<6}  {:<18}  {:<20}  {:<16}  {}\n", model->id.str(),
                        to_string(model->mode),
                        fmt::format("{}-{}", model->duration_least.count(), model->duration_most.count()),
                        rate_text(rates, Quality::p720), rate_text(rates, Quality::p1080),
                        rate_text(rates, Quality::k4), features(*model));
  }
  return text;
}

json model_json(catalog::Catalog const& catalog, catalog::Model const& model) {
  json rates = json::array();
  if (auto const found = catalog.prices.rates.find(model.id); found != catalog.prices.rates.end())
    for (auto const& [key, rate] : found->second)
      rates.push_back({{"quality", to_string(key.first)},
                       {"sound", to_string(key.second)},
                       {"per_second", to_json(rate)}});
  json qualities = json::array();
  for (Quality const quality : model.qualities) qualities.push_back(to_string(quality));
  json ratios = json::array();
  for (AspectRatio const ratio : model.aspect_ratios) ratios.push_back(to_string(ratio));
  return {{"model", model.id.str()},
          {"mode", to_string(model.mode)},
          {"source", model.source},
          {"settlement", model.settlement},
          {"duration_s", {{"min", model.duration_least.count()}, {"max", model.duration_most.count()}}},
          {"qualities", std::move(qualities)},
          {"aspect_ratios", std::move(ratios)},
          {"sound", model.has_sound},
          {"image_start", model.image_start.has_value()},
          {"image_end", model.image_end.has_value()},
          {"shots", model.shots.has_value()},
          {"negative_prompt", model.negative_prompt.has_value()},
          {"watermark", model.has_watermark},
          {"rates", std::move(rates)}};
}

ExitCode show_models(Flags const& flags) {
  auto const catalog = load(flags.catalog);
  if (!catalog) return refuse(catalog.error());
  std::vector<catalog::Model const*> models;
  for (catalog::Model const& model : catalog->models)
    if (flags.mode.empty() || to_string(model.mode) == flags.mode) models.push_back(&model);
  if (!flags.as_json) {
    print(table(*catalog, models));
    return ExitCode::done;
  }
  json list = json::array();
  for (catalog::Model const* model : models) list.push_back(model_json(*catalog, *model));
  print(to_text({{"catalog", catalog->name},
                 {"prices",
                  {{"name", catalog->prices.name},
                   {"date", catalog->prices.date},
                   {"source", catalog->prices.source},
                   {"credits_per_usd", static_cast<std::int64_t>(catalog->prices.credits_per_usd)}}},
                 {"price_lists", catalog->price_lists},
                 {"models", std::move(list)}}));
  return ExitCode::done;
}

}  // namespace

void add_models(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("models", "The models of the catalog: what each can do and costs");
  command->add_option("--mode", flags->mode, "Only this mode")
      ->check(CLI::IsMember({"text-to-video", "image-to-video"}));
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return show_models(*flags); }; });
}

}  // namespace callsheet::cli
