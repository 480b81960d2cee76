#pragma once

#include "orchestrator/core/credits.hpp"

#include <string>
#include <variant>

namespace callsheet {

/// What the gateway said about the price of a task it took (gateway-api.md section 6).
struct NotTold {};
/// Within 20 % of what was expected, in one of the two units.
struct Told {
  Credits amount;
};
/// Near nothing that was expected, in no unit. `may_be_more`: in some reading it is above the hold.
struct Absurd {
  std::string raw;
  bool may_be_more = false;
};
using Reserved = std::variant<NotTold, Told, Absurd>;

}  // namespace callsheet
