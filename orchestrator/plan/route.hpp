#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"

#include <string>
#include <vector>

namespace callsheet::plan {

/// One way to get a task made: a model at a quality, with its price for exactly that request.
struct Candidate {
  ModelId model;
  Quality quality = Quality::p720;
  Credits expected;  ///< what it should cost
  Credits most;      ///< the most one attempt can cost: what a hold covers
  friend bool operator==(Candidate const&, Candidate const&) = default;
};

/// A model that was considered and cannot or may not do the request.
struct LeftOut {
  ModelId model;
  std::string why;
  friend bool operator==(LeftOut const&, LeftOut const&) = default;
};

/// The candidates of one task in the order they are tried: the first is the choice, the rest are its
/// fallbacks by price. Lower rungs of a quality ladder come after all candidates of the rungs above.
struct Route {
  std::vector<Candidate> candidates;
  std::vector<LeftOut> left_out;
  friend bool operator==(Route const&, Route const&) = default;
};

}  // namespace callsheet::plan
