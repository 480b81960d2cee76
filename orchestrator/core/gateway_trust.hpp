#pragma once

#include <optional>
#include <string_view>

namespace callsheet {

/// Whether a create request sent again under the same key is answered with the first one's task
/// (gateway-api.md section 11: never assumed of the real gateway).
enum class Idempotency { unknown, honoured };

/// What the account's task list is worth as evidence.
enum class Listing {
  none,       ///< the gateway offers none, or others use the account too: what stands there may be theirs
  exclusive,  ///< what stands there and is not known is ours; what is missing proves nothing
  complete,   ///< and what is missing from it was never taken
};

/// The words of manifests, catalogs and plan files; parse_* are empty for any other.
[[nodiscard]] std::string_view to_string(Idempotency idempotency);
[[nodiscard]] std::string_view to_string(Listing listing);
[[nodiscard]] std::optional<Idempotency> parse_idempotency(std::string_view word);
[[nodiscard]] std::optional<Listing> parse_listing(std::string_view word);

/// What may be believed of a gateway beyond its answers: said by those who know the account.
struct GatewayTrust {
  Idempotency idempotency = Idempotency::unknown;
  Listing listing = Listing::none;
  friend bool operator==(GatewayTrust const&, GatewayTrust const&) = default;
};

}  // namespace callsheet
