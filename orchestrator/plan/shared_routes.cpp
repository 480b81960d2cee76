#include "orchestrator/plan/shared_routes.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <utility>

namespace callsheet::plan {

std::size_t SharedRoutes::number_of(Route&& route, Sha256& digest) {
  if (!routes_.empty() && *routes_[latest_] == route) return latest_;
  auto const [known, fresh] = numbers_.emplace(encode_route(route), routes_.size());
  if (fresh) {
    digest.add(known->first);
    routes_.push_back(std::make_shared<Route const>(std::move(route)));
  }
  return latest_ = known->second;
}

}  // namespace callsheet::plan
