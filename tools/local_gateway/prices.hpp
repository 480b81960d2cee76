#pragma once

#include "orchestrator/core/credits.hpp"
#include "tools/local_gateway/model_rules.hpp"
#include "tools/local_gateway/order.hpp"

namespace callsheet::local_gateway {

/// What is reserved for the order when it is created, by the gateway's published price table
/// (model-prices.csv) and gateway-api.md section 10.
[[nodiscard]] Credits reserve_for(ModelRules const& model, Order const& order);

/// What it comes to when the clip is there: another amount where the reserve was rounded differently.
[[nodiscard]] Credits final_price(ModelRules const& model, Order const& order);

}  // namespace callsheet::local_gateway
