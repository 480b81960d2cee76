#pragma once

#include "orchestrator/core/gateway_profile.hpp"
#include "orchestrator/core/secret.hpp"
#include "orchestrator/gateway/codec.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/gateway/query_batches.hpp"
#include "orchestrator/http/client.hpp"

#include <functional>
#include <memory>
#include <string>

namespace callsheet::gateway {

/// Where a gateway is and how to treat it.
struct Profile {
  std::string name;
  http::Url base;                           ///< video tasks and credits
  http::Url files;                          ///< uploads
  std::string key_env = "EVOLINK_API_KEY";  ///< where the key came from, for those who have to mend it
  CreditUnit credit_unit = CreditUnit::either;
  GatewayTimeOuts time_outs = {};
  QueryBatches::Terms batches = {};  ///< whether tasks are asked for together
  bool private_links = false;  ///< result links may lead to private addresses beyond the gateway's own origin
};

/// EvoLink's API over HTTP, or anything that speaks it. `client` and `clock` outlive it. `parameters_of`
/// tells what a model takes.
[[nodiscard]] std::unique_ptr<Gateway> make_evolink_gateway(
    Profile profile, Secret key, http::Client& client, Clock const& clock,
    std::function<ModelParameters(ModelId const&)> parameters_of);

}  // namespace callsheet::gateway
