#include "orchestrator/catalog/catalog.hpp"

#include <algorithm>

namespace callsheet::catalog {

namespace {

/// A model without a sound parameter has one price; its tariff lists it as silent.
Sound sound_of(Model const& model, Request const& request) {
  return model.sounds.empty() ? Sound::off : request.sound;
}

Priced priced(Model const& model, Request const& request, Quality quality, InputFacts const& inputs) {
  std::size_t const frames = (request.image_start ? 1u : 0u) + (request.image_end ? 1u : 0u);
  Priced what{.quality = quality,
              .sound = sound_of(model, request),
              .output = request.duration,
              .input = request.video ? request.duration : std::chrono::seconds{0},
              .images = frames + request.images.size()};
  if (inputs.video) {
    what.input = inputs.video->length;
    if (model.duration.follows_video) what.output = inputs.video->length;
  }
  return what;
}

std::chrono::seconds longest_video(Model const& model, Request const& request) {
  if (!model.video) return model.duration.max;
  VideoRule const& rule = *model.video;
  bool const facing_image =
      request.orientation == Orientation::image && rule.facing_image_max > std::chrono::seconds{0};
  return facing_image ? rule.facing_image_max : rule.length_max;
}

}  // namespace

Model const* Catalog::find(ModelId const& id) const {
  auto const found =
      std::find_if(models.begin(), models.end(), [&](Model const& model) { return model.id == id; });
  return found == models.end() ? nullptr : &*found;
}

GatewayProfile const* Catalog::gateway(std::string_view name) const {
  auto const found = std::find_if(gateways.begin(), gateways.end(),
                                  [&](GatewayProfile const& one) { return one.name == name; });
  return found == gateways.end() ? nullptr : &*found;
}

Tariff const* Catalog::tariff(ModelId const& id, Video video) const {
  auto const of = [&id](std::map<ModelId, Tariff> const& tariffs) {
    auto const found = tariffs.find(id);
    return found == tariffs.end() ? nullptr : &found->second;
  };
  Tariff const* const own = video == Video::given ? of(prices().with_video) : nullptr;
  return own != nullptr ? own : of(prices().tariffs);
}

std::optional<Credits> Catalog::expected(Model const& model, Request const& request, Quality quality,
                                         InputFacts const& inputs) const {
  Tariff const* const found = tariff(model.id, request);
  return found == nullptr ? std::nullopt : price(*found, priced(model, request, quality, inputs));
}

std::optional<Credits> Catalog::most(Model const& model, Request const& request, Quality quality,
                                     InputFacts const& inputs) const {
  Tariff const* const found = tariff(model.id, request);
  if (found == nullptr) return std::nullopt;
  Priced what = priced(model, request, quality, inputs);
  if (request.video) {
    // Which of its tracks the gateway goes by is not said.
    what.input = inputs.video ? std::max(what.input, inputs.video->longest)
                              : std::chrono::milliseconds{longest_video(model, request)};
    if (what.input.count() == 0) return std::nullopt;
    if (model.duration.follows_video) what.output = what.input;
  }
  // What is billed by the clip's length may come out a second longer than asked for, and is rounded.
  if (found->settlement == Settlement::request_then_actual) {
    what.output += std::chrono::seconds{1};
    what.input += std::chrono::seconds{1};
  }
  // Whether it can measure the file at all is not said either.
  if (request.video) what.input = std::max(what.input, std::chrono::milliseconds{found->counted.unmeasured});
  std::optional<Credits> const most = price(*found, what);
  return most ? std::optional{std::max(*most, found->most)} : std::nullopt;
}

std::vector<std::string> Catalog::model_ids() const {
  std::vector<std::string> ids;
  for (Model const& model : models) ids.push_back(model.id.str());
  return ids;
}

}  // namespace callsheet::catalog
