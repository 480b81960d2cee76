#pragma once

#include "orchestrator/core/credits.hpp"
#include "tools/local_gateway/model_rules.hpp"

namespace callsheet::local_gateway {

/// What an order costs; reserved and final are the same for these models (`request_only`).
/// Source: the public price rules captured 2026-10-10 (gateway-api.md section 10).
[[nodiscard]] Credits price_of(ModelRules const& model, Order const& order);

}  // namespace callsheet::local_gateway
