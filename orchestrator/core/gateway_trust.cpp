#include "orchestrator/core/gateway_trust.hpp"

namespace callsheet {

std::string_view to_string(Idempotency idempotency) {
  switch (idempotency) {
    case Idempotency::unknown:
      return "unknown";
    case Idempotency::honoured:
      return "honoured";
  }
  return "";
}

std::string_view to_string(Listing listing) {
  switch (listing) {
    case Listing::none:
      return "none";
    case Listing::exclusive:
      return "exclusive";
    case Listing::complete:
      return "complete";
  }
  return "";
}

std::optional<Idempotency> parse_idempotency(std::string_view word) {
  for (Idempotency const one : {Idempotency::unknown, Idempotency::honoured})
    if (to_string(one) == word) return one;
  return std::nullopt;
}

std::optional<Listing> parse_listing(std::string_view word) {
  for (Listing const one : {Listing::none, Listing::exclusive, Listing::complete})
    if (to_string(one) == word) return one;
  return std::nullopt;
}

}  // namespace callsheet
