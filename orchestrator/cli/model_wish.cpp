#include "orchestrator/cli/model_wish.hpp"

#include "orchestrator/catalog/capability.hpp"
#include "orchestrator/manifest/trimmed.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

/// "10s"
std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  constexpr int longest = 3600;
  if (!text.ends_with('s')) return std::nullopt;
  text.remove_suffix(1);
  int count = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 1 || count > longest)
    return std::nullopt;
  return std::chrono::seconds{count};
}

constexpr std::array<std::pair<std::string_view, bool ModelWish::*>, 5> abilities{{
    {"sound", &ModelWish::sound},
    {"end-frame", &ModelWish::end_frame},
    {"shots", &ModelWish::shots},
    {"negative-prompt", &ModelWish::negative_prompt},
    {"watermark", &ModelWish::watermark},
}};

template <class Value>
bool take(std::optional<Value>& into, std::optional<Value> read) {
  if (read) into = read;
  return read.has_value();
}

bool read_word(std::string_view word, ModelWish& wish) {
  for (auto const& [name, ability] : abilities)
    if (name == word) return wish.*ability = true;
  std::optional<Mode> const mode = parse_mode(word);
  if (mode && !makes_clips(*mode)) return false;
  return take(wish.mode, mode) || take(wish.duration, parse_seconds(word)) ||
         take(wish.quality, parse_quality(word)) || take(wish.aspect_ratio, parse_aspect_ratio(word));
}

/// The plainest request that needs what is wished.
Request request_for(ModelWish const& wish, catalog::Model const& model) {
  Request request;
  request.mode = wish.mode.value_or(model.modes.front());
  request.prompt = "a clip";
  request.duration = wish.duration.value_or(model.duration.min);
  request.sound = wish.sound ? Sound::on : Sound::off;
  request.aspect_ratio = wish.aspect_ratio;
  if (wish.negative_prompt) request.negative_prompt = "noise";
  if (wish.watermark) request.watermark = false;
  MediaInput const picture{
      .kind = MediaInput::Kind::url, .location = "https://example.com/frame.jpg", .digest = {}};
  if (request.mode == Mode::image_to_video) request.image_start = picture;
  if (model.images && !request.image_start && request.mode != Mode::text_to_video)
    request.images.assign(std::max<std::size_t>(model.images->count_min, model.video ? 0 : 1), picture);
  if (model.video && model.video->required)
    request.video =
        MediaInput{.kind = MediaInput::Kind::url, .location = "https://example.com/clip.mp4", .digest = {}};
  if (model.orientation) request.orientation = Orientation::video;
  if (wish.end_frame) request.image_end = picture;
  if (wish.shots) {
    request.shot_planning = ShotPlanning::customize;
    request.shots = {{.prompt = "a shot", .duration = request.duration}};
  }
  return request;
}

/// A video as long as the clip, and within every model's other limits.
catalog::InputFacts inputs_for(Request const& request) {
  catalog::InputFacts inputs;
  inputs.images.resize(request.images.size());
  if (request.video)
    inputs.video = VideoFacts{.size_bytes = 1,
                              .width = 1280,
                              .height = 720,
                              .length = request.duration,
                              .longest = request.duration,
                              .frames = 0,
                              .digest = {}};
  return inputs;
}

/// The cheapest way the model can do it, or why it cannot.
tl::expected<Offer, std::string> offer(catalog::Catalog const& catalog, ModelWish const& wish,
                                       catalog::Model const& model) {
  Request request = request_for(wish, model);
  std::optional<Offer> best;
  std::string why = "it has no price";
  for (Quality const quality : wish.quality ? std::vector{*wish.quality} : model.qualities) {
    request.quality = quality;
    catalog::InputFacts const inputs = inputs_for(request);
    auto const obstacles = catalog::obstacles(model, request, inputs);
    auto const price =
        obstacles.empty() ? catalog.expected(model, request, quality, inputs) : std::optional<Credits>{};
    if (!obstacles.empty()) why = obstacles.front().why;
    if (price && (!best || *price < best->clip))
      best = Offer{.model = &model,
                   .mode = request.mode,
                   .quality = quality,
                   .duration = request.duration,
                   .clip = *price};
  }
  if (!best) return tl::unexpected{why};
  return *best;
}

}  // namespace

Result<ModelWish> parse_wish(std::string_view text) {
  ModelWish wish;
  for (bool more = true; more;) {
    std::size_t const comma = std::min(text.find(','), text.size());
    std::string_view const word = manifest::trimmed(text.substr(0, comma));
    if (!read_word(word, wish))
      return fail(
          Code::usage, fmt::format("--can: '{}' is nothing a model could do", word),
          "name a mode (text-to-video, image-to-video, ...), a length (10s), a quality (720p, 1080p, 4k, "
          "any), a ratio (16:9), sound, end-frame, shots, negative-prompt or watermark, with commas between");
    more = comma < text.size();
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  if (wish.end_frame && !wish.mode) wish.mode = Mode::image_to_video;
  return wish;
}

Offers offers_for(catalog::Catalog const& catalog, std::vector<catalog::Model const*> const& models,
                  ModelWish const& wish) {
  Offers result;
  for (catalog::Model const* model : models) {
    bool const makes_clip = std::any_of(model->modes.begin(), model->modes.end(), makes_clips);
    if (!makes_clip || (wish.mode && !model->makes(*wish.mode))) continue;
    if (auto made = offer(catalog, wish, *model))
      result.offers.push_back(*made);
    else
      result.left_out.push_back({.model = model, .why = std::move(made.error())});
  }
  std::stable_sort(result.offers.begin(), result.offers.end(),
                   [](Offer const& a, Offer const& b) { return a.clip < b.clip; });
  return result;
}

}  // namespace callsheet::cli
