#pragma once

#include "orchestrator/core/digest.hpp"
#include "orchestrator/plan/route.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace callsheet::plan {

/// The routes of a plan, each once: tasks that have the same share it.
class SharedRoutes {
 public:
  /// Its number: in the order in which routes first come up. A new one goes into `digest`.
  [[nodiscard]] std::size_t number_of(Route&& route, Sha256& digest);
  [[nodiscard]] std::shared_ptr<Route const> const& operator[](std::size_t number) const {
    return routes_[number];
  }

 private:
  std::vector<std::shared_ptr<Route const>> routes_;
  std::map<std::string, std::size_t> numbers_;  ///< by the route's text
  std::size_t latest_ = 0;
};

}  // namespace callsheet::plan
