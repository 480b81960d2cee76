#include "orchestrator/cli/playground_json.hpp"

#include "orchestrator/core/prompt_text.hpp"
#include "orchestrator/plan/router.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using nlohmann::json;
using report::amount_json;
using Stage = PlaygroundSend::Stage;

/// However long a session is, its page shows the latest.
constexpr std::size_t sends_told_most = 40;
/// What can be asked for by a prompt and frames alone.
constexpr std::array form_modes{Mode::text_to_video, Mode::image_to_video};

std::string_view word_of(Known known) {
  switch (known) {
    case Known::no:
    case Known::over_budget:
      return "no";
    case Known::made:
      return "made";
    case Known::file_gone:
      return "file_gone";
    case Known::outstanding:
      return "outstanding";
  }
  return "";
}

std::string_view word_of(Stage stage, TaskOutcome outcome) {
  switch (stage) {
    case Stage::queued:
      return "queued";
    case Stage::starting:
      return "starting";
    case Stage::sending:
      return "sending";
    case Stage::making:
      return "making";
    case Stage::fetching:
      return "fetching";
    case Stage::elsewhere:
      return "elsewhere";
    case Stage::ended:
      return to_string(outcome);
    case Stage::refused:
      return "refused";
  }
  return "";
}

std::string_view word_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "JPEG";
    case ImageFormat::png:
      return "PNG";
    case ImageFormat::webp:
      return "WebP";
    case ImageFormat::other:
      return "";
  }
  return "";
}

bool is_asked_by_itself(catalog::Catalog const& catalog, catalog::Model const& model) {
  auto const& globs = catalog.default_models;
  return globs.empty() || std::any_of(globs.begin(), globs.end(), [&](std::string const& glob) {
           return plan::matches(glob, model.id.str());
         });
}

template <class Values>
json names_of(Values const& values) {
  json names = json::array();
  for (auto const value : values) names.push_back(to_string(value));
  return names;
}

json durations_of(catalog::DurationRule const& rule) {
  json durations = json::array();
  for (auto const one : rule.only) durations.push_back(one.count());
  if (rule.only.empty())
    for (auto one = rule.min; one <= rule.max; ++one) durations.push_back(one.count());
  return durations;
}

json text_json(std::optional<catalog::TextRule> const& rule) {
  if (!rule) return nullptr;
  return {{"required", rule->required}, {"characters_max", rule->characters_max}};
}

json picture_json(std::optional<catalog::PictureRule> const& rule) {
  if (!rule) return nullptr;
  json formats = json::array();
  for (ImageFormat const format : rule->formats) formats.push_back(word_of(format));
  return {{"required", rule->required},
          {"formats", std::move(formats)},
          {"bytes_max", rule->bytes_max},
          {"side_px_min", rule->side_px_min},
          {"ratio_max", rule->ratio_max_milli / 1000.0}};
}

json shots_json(std::optional<catalog::ShotRule> const& rule) {
  if (!rule) return nullptr;
  return {{"kinds", names_of(rule->kinds)},
          {"count_max", rule->count_max},
          {"characters_max", rule->characters_max},
          {"duration_min", rule->duration_min.count()},
          {"with_image_end", rule->with_image_end}};
}

json form_model_json(catalog::Catalog const& catalog, catalog::Model const& model) {
  return {{"model", model.id.str()},
          {"usual", is_asked_by_itself(catalog, model)},
          {"modes", names_of(model.modes)},
          {"durations", durations_of(model.duration)},
          {"qualities", names_of(model.qualities)},
          {"aspect_ratios", names_of(model.aspect_ratios)},
          {"sound", std::find(model.sounds.begin(), model.sounds.end(), Sound::on) != model.sounds.end()},
          {"prompt", text_json(model.prompt)},
          {"negative_prompt", text_json(model.negative_prompt)},
          {"image_start", picture_json(model.image_start)},
          {"image_end", picture_json(model.image_end)},
          {"shots", shots_json(model.shots)},
          {"watermark", model.watermark}};
}

bool is_for_the_form(catalog::Model const& model) {
  return std::any_of(form_modes.begin(), form_modes.end(), [&](Mode mode) { return model.makes(mode); }) &&
         !(model.video && model.video->required);
}

json priced(Credits amount, CreditsPerUsd rate) {
  json value = amount_json(amount);
  value["usd"] = approximate_usd(amount, rate);
  return value;
}

/// To fill the form with once more. A frame goes by its id, which its file is called by.
json form_json(PlaygroundSend const& send) {
  Request const& request = send.request;
  auto const frame = [](std::optional<MediaInput> const& input) {
    return input ? json(std::filesystem::path{input->location}.stem().string()) : json("");
  };
  json shots = json::array();
  for (Shot const& shot : request.shots)
    shots.push_back({{"prompt", shot.prompt}, {"duration", shot.duration.count()}});
  bool const automatic = request.shot_planning == ShotPlanning::intelligence;
  return {{"mode", to_string(request.mode)},
          {"prompt", request.prompt},
          {"shots", automatic ? json("auto") : std::move(shots)},
          {"negative_prompt", request.negative_prompt},
          {"image_start", frame(request.image_start)},
          {"image_end", frame(request.image_end)},
          {"duration", request.duration.count()},
          {"quality", to_string(request.quality)},
          {"sound", to_string(request.sound)},
          {"aspect_ratio", request.aspect_ratio ? to_string(*request.aspect_ratio) : ""},
          {"model", send.wished_model},
          {"watermark", request.watermark ? json(*request.watermark) : json(nullptr)}};
}

json send_json(PlaygroundSend const& send, CreditsPerUsd rate) {
  auto const milliseconds = [](TimePoint at) {
    return std::chrono::floor<std::chrono::milliseconds>(at.time_since_epoch()).count();
  };
  return {{"id", send.id},
          {"name", send.name},
          {"earlier", send.earlier},
          {"form", form_json(send)},
          {"prompt", prompt_text(send.request)},
          {"model", send.model},
          {"stage", word_of(send.stage, send.outcome)},
          {"over", send.is_over()},
          {"percent", send.percent ? json(*send.percent) : json(nullptr)},
          {"sent", milliseconds(send.sent)},
          {"ended", send.ended ? json(milliseconds(*send.ended)) : json(nullptr)},
          {"price", priced(send.price, rate)},
          {"most", priced(send.most, rate)},
          {"more", priced(send.more(), rate)},
          {"committed", priced(send.balance.committed(), rate)},
          {"billed", priced(send.balance.billed, rate)},
          {"held", priced(send.balance.held + send.balance.refund_expected, rate)},
          {"run", send.run.str()},
          {"why", send.why},
          {"message", send.message},
          {"manifest", send.manifest.string()},
          {"file", send.file},
          {"seconds", std::chrono::round<std::chrono::seconds>(send.length).count()},
          {"goes_on", send.can_go_on()}};
}

}  // namespace

json playground_catalog_json(catalog::Catalog const& catalog) {
  json modes = json::array();
  for (Mode const mode : form_modes)
    modes.push_back({{"mode", to_string(mode)}, {"frames", mode == Mode::image_to_video}});
  json models = json::array();
  for (catalog::Model const& model : catalog.models)
    if (is_for_the_form(model)) models.push_back(form_model_json(catalog, model));
  return {{"modes", std::move(modes)},
          {"qualities", quality_names()},
          {"models", std::move(models)},
          {"frame_bytes_max", frame_bytes_most(catalog)},
          {"prices", catalog.prices().name}};
}

json playground_quote_json(PlaygroundQuote const& quote, Credits left, CreditsPerUsd rate) {
  json offers = json::array();
  for (plan::Candidate const& one : quote.offers)
    offers.push_back({{"model", one.model.str()}, {"price", priced(one.expected, rate)}});
  json left_out = json::array();
  for (plan::LeftOut const& one : quote.left_out)
    left_out.push_back({{"model", one.model.str()}, {"why", one.why}});
  json mistakes = json::array();
  for (FormMistake const& one : quote.mistakes)
    mistakes.push_back({{"field", one.field}, {"what", one.what}, {"mend", one.mend}});
  json value{{"mistakes", std::move(mistakes)},
             {"offers", std::move(offers)},
             {"left_out", std::move(left_out)},
             {"left", priced(left, rate)},
             {"task", nullptr}};
  if (!quote.task) return value;
  json candidates = json::array();
  for (plan::Candidate const& one : quote.task->route->candidates)
    candidates.push_back({{"model", one.model.str()}, {"price", priced(one.expected, rate)}});
  value["task"] = {{"candidates", std::move(candidates)},
                   {"price", priced(quote.task->route->candidates.front().expected, rate)},
                   {"most", priced(quote.most, rate)},
                   {"fits", quote.most <= left},
                   {"known", word_of(quote.made.known)},
                   {"known_run", quote.made.clip.origin.run.str()}};
  return value;
}

json playground_frame_json(PlaygroundFrames::Kept const& frame) {
  return {{"id", frame.id},
          {"format", word_of(frame.facts.format)},
          {"bytes", frame.facts.size_bytes},
          {"width", frame.facts.width},
          {"height", frame.facts.height}};
}

json playground_state_json(PlaygroundSends const& sends, CreditsPerUsd rate) {
  json list = json::array();
  for (PlaygroundSend const& send : sends.all())
    if (list.size() < sends_told_most) list.push_back(send_json(send, rate));
  return {{"sends", std::move(list)},
          {"stopped", sends.stopped()},
          {"budget", priced(sends.budget(), rate)},
          {"billed", priced(sends.billed(), rate)},
          {"left", priced(sends.left(), rate)}};
}

std::uint64_t frame_bytes_most(catalog::Catalog const& catalog) {
  std::uint64_t most = 0;
  for (catalog::Model const& model : catalog.models)
    for (auto const& rule : {model.image_start, model.image_end})
      if (rule) most = std::max(most, rule->bytes_max);
  return catalog.upload_bytes_max > 0 ? std::min(most, catalog.upload_bytes_max) : most;
}

}  // namespace callsheet::cli
