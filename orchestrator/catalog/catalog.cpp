#include "orchestrator/catalog/catalog.hpp"

#include <algorithm>

namespace callsheet::catalog {

Model const* Catalog::find(ModelId const& id) const {
  auto const found =
      std::find_if(models.begin(), models.end(), [&](Model const& model) { return model.id == id; });
  return found == models.end() ? nullptr : &*found;
}

Tariff const* Catalog::tariff(ModelId const& id) const {
  auto const found = prices().tariffs.find(id);
  return found == prices().tariffs.end() ? nullptr : &found->second;
}

std::optional<Credits> Catalog::expected(Model const& model, Request const& request, Quality quality) const {
  Tariff const* const found = tariff(model.id);
  if (found == nullptr) return std::nullopt;
  // A model without a sound parameter has one price; its tariff lists it as silent.
  Sound const sound = model.sounds.empty() ? Sound::off : request.sound;
  return price(*found, quality, sound, request.duration);
}

std::optional<Credits> Catalog::most(Model const& model, Request const& request, Quality quality) const {
  Tariff const* const found = tariff(model.id);
  if (found == nullptr) return std::nullopt;
  // What is billed by the clip's length may come out a second longer than asked for, and is rounded half up.
  bool const by_length = found->settlement == Settlement::request_then_actual;
  std::chrono::seconds const longest = request.duration + std::chrono::seconds{by_length ? 1 : 0};
  return price(*found, quality, request.sound, longest);
}

std::vector<std::string> Catalog::model_ids() const {
  std::vector<std::string> ids;
  for (Model const& model : models) ids.push_back(model.id.str());
  return ids;
}

}  // namespace callsheet::catalog
