#pragma once

#include "tools/local_gateway/model_rules.hpp"
#include "tools/local_gateway/order.hpp"
#include "tools/local_gateway/reach.hpp"
#include "tools/local_gateway/refusal.hpp"

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

namespace callsheet::local_gateway {

/// Reads the body of POST /v1/videos/generations against everything documented for its model (gateway-api.md
/// section 4). What the documents leave open is refused, so that a client learns of it here and not at a
/// price: fields the model does not list are errors. Pictures themselves are checked elsewhere (uploads.hpp).
[[nodiscard]] tl::expected<Order, Refusal> read_order(nlohmann::json const& body,
                                                      Reach reach = Reach::public_internet);

/// Length in characters (code points), as the documented limits count.
[[nodiscard]] std::size_t characters_in(std::string_view utf8);

}  // namespace callsheet::local_gateway
