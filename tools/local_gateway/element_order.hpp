#pragma once

#include "tools/local_gateway/model_rules.hpp"
#include "tools/local_gateway/order.hpp"
#include "tools/local_gateway/reach.hpp"
#include "tools/local_gateway/refusal.hpp"

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace callsheet::local_gateway {

/// Reads the body of a request that makes an element (gateway-api.md section 4.9): the frontal picture and
/// what else shows it become the order's image_urls, in this order, or the video its video. Both shapes of
/// `element_video_list` are taken.
[[nodiscard]] tl::expected<Order, Refusal> read_element_order(nlohmann::json const& body,
                                                              ModelRules const& rules, Reach reach);

}  // namespace callsheet::local_gateway
