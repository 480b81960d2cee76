#pragma once

#include "orchestrator/forecast/trial.hpp"

#include <string>
#include <vector>

namespace callsheet::forecast {

/// What half, and what 95 of 100 trials, do not exceed.
template <class Value>
struct Outlook {
  Value p50{}, p95{};
};

/// How a campaign will probably go.
struct Forecast {
  int trials = 0;
  int tasks = 0;
  Outlook<Duration> finish;
  Outlook<Credits> cost;  ///< billed, and what may be: in doubt or expected back
  Outlook<int> clips;     ///< made at least, in half and in 95 of 100 trials
  double cap_binds = 0;   ///< in so many of the trials, 0..1
  double late = 0;        ///< a deadline leaves clips out, in so many of them
  double some_doubt = 0;  ///< some money is in doubt in the end
};

/// The smallest of these that at least `share` (0..1) of them do not exceed. `values` is not empty.
template <class Value>
[[nodiscard]] Value quantile(std::vector<Value> values, double share);

/// So many that a campaign of that size is answered for within seconds.
[[nodiscard]] int trials_for(int tasks);

/// Runs the trials 1, 2, … on all cores. Deterministic. Fails and throws as run_trial().
[[nodiscard]] Result<Forecast> forecast(TrialGround const& ground, int trials);

}  // namespace callsheet::forecast
