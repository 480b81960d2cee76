#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/model_wish.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/plan/router.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;

struct ModelsOptions {
  std::string mode;
  std::string can;
  bool all = false;
  CatalogFlags catalog;
  bool as_json = false;
};

/// What a person calls the models' ways to be used: "text-to-video, image-to-video".
std::string modes_of(catalog::Model const& model) {
  std::string text;
  for (Mode const mode : model.modes) text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(mode));
  return text;
}

std::string seconds_of(catalog::DurationRule const& rule) {
  std::string text;
  for (auto const one : rule.only) text += fmt::format("{}{}", text.empty() ? "" : ",", one.count());
  if (!text.empty()) return text;
  if (rule.follows_video && rule.max.count() == 0) return fmt::format("{}+", rule.min.count());
  return fmt::format("{}-{}", rule.min.count(), rule.max.count());
}

/// "5.4", or with another price for sound "5.4 / 8.1 sound".
std::string rate_text(catalog::Tariff const& tariff, Quality quality) {
  auto const silent = catalog::rate(tariff, quality, Sound::off);
  auto const loud = catalog::rate(tariff, quality, Sound::on);
  if (silent == loud || !loud) return silent ? to_string(*silent) : "";
  return (silent ? to_string(*silent) + " / " : "") + to_string(*loud) + " sound";
}

/// "720p 5.4 / 8.1 sound, 4k 27"
std::string rates_text(catalog::Model const& model, catalog::Tariff const* tariff) {
  if (tariff == nullptr) return "no price";
  std::string text;
  std::optional<Quality> last;
  for (auto const& [key, factor] : tariff->factors) {
    if (last == key.first) continue;
    last = key.first;
    std::string const name = *last == Quality::any ? "" : fmt::format("{} ", to_string(*last));
    text += fmt::format("{}{}{}", text.empty() ? "" : ", ", name, rate_text(*tariff, *last));
  }
  if (tariff->unit == catalog::BillingUnit::call) text += model.makes(Mode::element) ? " each" : " a clip";
  return text;
}

std::string features(catalog::Model const& model) {
  std::string text;
  auto const add = [&](bool has, char const* name) {
    if (has) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  };
  add(model.image_start.has_value(), "first frame");
  add(model.image_end.has_value(), "end frame");
  add(model.images.has_value(), "references");
  add(model.video.has_value(), "video");
  add(!model.sounds.empty(), "sound");
  add(model.shots.has_value(), "shots");
  add(model.negative_prompt.has_value(), "negative prompt");
  add(!model.aspect_ratios.empty(), "aspect ratio");
  return text;
}

/// The price table of models of one mode, or of those that are only priced.
std::string table(catalog::Catalog const& catalog, std::vector<catalog::Model const*> const& models) {
  std::size_t widest = 0;
  std::size_t widest_rates = 0;
  for (catalog::Model const* model : models) {
    widest = std::max(widest, model->id.str().size());
    widest_rates = std::max(widest_rates, rates_text(*model, catalog.tariff(model->id)).size());
  }
  std::string text;
  for (catalog::Model const* model : models)
    text += fmt::format(
        "  {:<{}}  {:<6}  {:<{}}  {}\n", model->id.str(), widest,
        std::any_of(model->modes.begin(), model->modes.end(), makes_clips) ? seconds_of(model->duration) : "",
        rates_text(*model, catalog.tariff(model->id)), widest_rates,
        model->modes.empty() ? model->does : features(*model));
  return text;
}

/// Mode by mode. A model of two modes stands under both.
std::string tables(catalog::Catalog const& catalog, std::vector<catalog::Model const*> const& models,
                   std::string const& mode) {
  std::string text =
      fmt::format("Credits for each second of video, prices of {} ({} credits = 1 USD)\n",
                  catalog.prices().name, static_cast<std::int64_t>(catalog.prices().credits_per_usd));
  std::vector<std::string> names = mode_names();
  names.emplace_back(to_string(Mode::element));
  for (std::string const& name : names) {
    if (!mode.empty() && name != mode) continue;
    std::vector<catalog::Model const*> of_mode;
    for (catalog::Model const* model : models)
      if (model->makes(*parse_mode(name))) of_mode.push_back(model);
    if (!of_mode.empty()) text += fmt::format("\n{}\n", name) + table(catalog, of_mode);
  }
  std::vector<catalog::Model const*> priced;
  for (catalog::Model const* model : models)
    if (model->modes.empty()) priced.push_back(model);
  if (!priced.empty()) text += "\npriced, but not asked for by callsheet\n" + table(catalog, priced);
  return text;
}

std::string offers_text(catalog::Catalog const& catalog, Offers const& offers) {
  CreditsPerUsd const rate = catalog.prices().credits_per_usd;
  std::string text = fmt::format("Credits for a clip, cheapest first; prices of {} ({} credits = 1 USD)\n\n",
                                 catalog.prices().name, static_cast<std::int64_t>(rate));
  text += fmt::format("{:<38}  {:<18}  {:<8}  {:>4}  {:>12}  {:>10}\n", "MODEL", "MODE", "QUALITY", "SECS",
                      "CREDITS", "~USD");
  for (Offer const& offer : offers.offers)
    text += fmt::format("{:<38}  {:<18}  {:<8}  {:>4}  {:>12}  {:>10}\n", offer.model->id.str(),
                        to_string(offer.mode), to_string(offer.quality), offer.duration.count(),
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
                      {"mode", to_string(offer.mode)},
                      {"quality", to_string(offer.quality)},
                      {"duration_s", offer.duration.count()},
                      {"clip", report::amount_json(offer.clip)}});
  json left_out = json::array();
  for (LeftOut const& one : offers.left_out)
    left_out.push_back({{"model", one.model->id.str()}, {"why", one.why}});
  return {{"models", std::move(models)}, {"left_out", std::move(left_out)}};
}

bool is_usual(catalog::Catalog const& catalog, catalog::Model const& model) {
  auto const& globs = catalog.default_models;
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [&](std::string const& glob) {
           return plan::matches(glob, model.id.str());
         });
}

/// Those that are asked where a manifest names none, or all.
std::vector<catalog::Model const*> chosen(catalog::Catalog const& catalog, ModelsOptions const& flags) {
  std::vector<catalog::Model const*> models;
  for (catalog::Model const& model : catalog.models) {
    bool const wanted = flags.mode.empty() || model.makes(*parse_mode(flags.mode));
    if (wanted && (flags.all || is_usual(catalog, model))) models.push_back(&model);
  }
  return models;
}

ExitCode show_offers(ModelsOptions const& flags, catalog::Catalog const& catalog) {
  Result<ModelWish> wish = parse_wish(flags.can);
  if (!wish) return refuse(wish.error());
  if (!flags.mode.empty()) wish->mode = parse_mode(flags.mode);
  Offers const offers = offers_for(catalog, chosen(catalog, flags), *wish);
  print(flags.as_json ? to_text(offers_json(offers)) : offers_text(catalog, offers));
  return offers.offers.empty() ? ExitCode::usage : ExitCode::done;
}

json duration_json(catalog::DurationRule const& rule) {
  json only = json::array();
  for (auto const one : rule.only) only.push_back(one.count());
  return {{"min", rule.min.count()},
          {"max", rule.max.count() > 0 ? json(rule.max.count()) : json(nullptr)},
          {"only", std::move(only)},
          {"follows_video", rule.follows_video}};
}

json model_json(catalog::Catalog const& catalog, catalog::Model const& model) {
  json rates = json::array();
  catalog::Tariff const* const tariff = catalog.tariff(model.id);
  bool const by_call = tariff != nullptr && tariff->unit == catalog::BillingUnit::call;
  char const* const per = by_call ? "per_call" : "per_second";
  if (tariff != nullptr)
    for (auto const& [key, factor] : tariff->factors)
      if (auto const rate = catalog::rate(*tariff, key.first, key.second))
        rates.push_back({{"quality", to_string(key.first)},
                         {"sound", to_string(key.second)},
                         {per, report::amount_json(*rate)}});
  json modes = json::array();
  for (Mode const mode : model.modes) modes.push_back(to_string(mode));
  json qualities = json::array();
  for (Quality const quality : model.qualities) qualities.push_back(to_string(quality));
  json ratios = json::array();
  for (AspectRatio const ratio : model.aspect_ratios) ratios.push_back(to_string(ratio));
  return {{"model", model.id.str()},
          {"modes", std::move(modes)},
          {"does", model.modes.empty() ? model.does : modes_of(model)},
          {"source", model.source},
          {"duration_s", duration_json(model.duration)},
          {"qualities", std::move(qualities)},
          {"aspect_ratios", std::move(ratios)},
          {"sound", !model.sounds.empty()},
          {"image_start", model.image_start.has_value()},
          {"image_end", model.image_end.has_value()},
          {"images", model.images ? json(model.images->count_max) : json(nullptr)},
          {"video", model.video.has_value()},
          {"shots", model.shots.has_value()},
          {"negative_prompt", model.negative_prompt.has_value()},
          {"watermark", model.watermark},
          {"rates", std::move(rates)}};
}

/// Where clips can be made: "gateways: evolink (https://api.evolink.ai, key in EVOLINK_API_KEY)".
std::string gateways_text(catalog::Catalog const& catalog) {
  std::string text;
  for (GatewayProfile const& one : catalog.gateways)
    text += fmt::format("{}{} ({}, key in {})", text.empty() ? "gateways: " : ", ", one.name,
                        plain(one.base_url), one.key_env);
  return text + "\n";
}

json gateway_json(GatewayProfile const& one) {
  return {
      {"name", one.name}, {"base_url", one.base_url}, {"files_url", one.files_url}, {"key_env", one.key_env}};
}

ExitCode show_models(ModelsOptions const& flags) {
  auto const catalog = load(flags.catalog);
  if (!catalog) return refuse(catalog.error());
  if (!flags.can.empty()) return show_offers(flags, *catalog);
  std::vector<catalog::Model const*> const models = chosen(*catalog, flags);
  if (!flags.as_json) {
    print(tables(*catalog, models, flags.mode));
    print("\n" + gateways_text(*catalog));
    std::size_t const more = catalog->models.size() - models.size();
    if (flags.mode.empty() && !flags.all && more > 0)
      print(
          fmt::format("\n{} models of other families are asked only where `model` or fallback.allow name "
                      "them: `callsheet models --all`\n",
                      more));
    return ExitCode::done;
  }
  json gateways = json::array();
  for (GatewayProfile const& one : catalog->gateways) gateways.push_back(gateway_json(one));
  json lists = json::array();
  for (catalog::PriceList const& prices : catalog->price_lists) lists.push_back(prices.name);
  json list = json::array();
  for (catalog::Model const* model : models) list.push_back(model_json(*catalog, *model));
  print(to_text({{"prices",
                  {{"name", catalog->prices().name},
                   {"source", catalog->prices().source},
                   {"credits_per_usd", static_cast<std::int64_t>(catalog->prices().credits_per_usd)}}},
                 {"price_lists", std::move(lists)},
                 {"gateways", std::move(gateways)},
                 {"models", std::move(list)}}));
  return ExitCode::done;
}

}  // namespace

void add_models(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<ModelsOptions>();
  CLI::App* command = app.add_subcommand("models", "The models of the catalog: what each can do and costs");
  command->add_option("--mode", flags->mode, "Only this mode")->check(CLI::IsMember(mode_names()));
  command->add_flag("--all", flags->all, "Also the models that are asked only where a manifest names them");
  command
      ->add_option("--can", flags->can,
                   "Only models that can do all of this, by price: image-to-video,10s,1080p,sound")
      ->type_name("WISHES");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return show_models(*flags); }; });
}

}  // namespace callsheet::cli
