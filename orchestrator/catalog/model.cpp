#include "orchestrator/catalog/model.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::catalog {

Model const* Catalog::find(ModelId const& id) const {
  auto const found =
      std::find_if(models.begin(), models.end(), [&](Model const& model) { return model.id == id; });
  return found == models.end() ? nullptr : &*found;
}

Result<Credits> price(Catalog const& catalog, Model const& model, Request const& request) {
  auto const rates = catalog.prices.rates.find(model.id);
  if (rates != catalog.prices.rates.end())
    if (auto const rate = rates->second.find({request.quality, request.sound}); rate != rates->second.end())
      return rate->second * request.duration.count();
  return fail(Code::no_price,
              fmt::format("the price list '{}' has no price for {} at {} with sound {}", catalog.prices.name,
                          model.id.str(), to_string(request.quality), to_string(request.sound)));
}

}  // namespace callsheet::catalog
