#pragma once

#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/forecast/forecast.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/plan/plan.hpp"

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::cli {

/// A forecast with what it rests on.
struct PlanForecast {
  forecast::Forecast outlook;
  TimePoint from;
  Credits cap;
  CreditsPerUsd usd_rate{68};
  std::vector<std::string> seen;     ///< what the ledger told, a line each
  std::vector<std::string> assumed;  ///< what it did not
};

/// Forecasts the making of `tasks` under these terms at that gateway, from now on. `ledger` may
/// be null: nothing is known. Reads, and asks no gateway. Fails when the ledger does.
[[nodiscard]] Result<PlanForecast> forecast_plan(ledger::Ledger* ledger, GatewaySite const& site,
                                                 plan::PlanTerms const& terms,
                                                 std::vector<plan::PlannedTask> const& tasks,
                                                 std::optional<int> trials);

[[nodiscard]] std::string text_of(PlanForecast const& forecast);
[[nodiscard]] nlohmann::json json_of(PlanForecast const& forecast);

}  // namespace callsheet::cli
