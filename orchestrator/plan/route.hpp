#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/request.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace callsheet::plan {

/// How a task is billed whose amount is final only when the clip is there (gateway-api.md section 10:
/// request_then_actual): by its seconds, rounded half up to whole ones.
struct ActualRate {
  Credits base_per_second;
  std::int64_t factor = 10'000;  ///< in 1/10,000
  Credits minimum;
  friend bool operator==(ActualRate const&, ActualRate const&) = default;
};

/// One way to get a task made: a model at a quality, with its price for exactly that request.
struct Candidate {
  ModelId model;
  Quality quality = Quality::p720;
  Credits expected;                    ///< what it should cost
  Credits most;                        ///< the most one attempt can cost: what a hold covers
  std::optional<ActualRate> actual{};  ///< empty: billed as reserved, by the request alone
  friend bool operator==(Candidate const&, Candidate const&) = default;
};

/// What is billed for a clip of that length.
[[nodiscard]] inline Credits billed_by_length(ActualRate const& rate, std::chrono::milliseconds length) {
  constexpr std::int64_t factor_one = 10'000;
  std::int64_t const seconds = (length.count() + 500) / 1000;
  std::int64_t const product = rate.base_per_second.units() * rate.factor * seconds;
  return std::max(Credits::from_units((product + factor_one / 2) / factor_one), rate.minimum);
}

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
