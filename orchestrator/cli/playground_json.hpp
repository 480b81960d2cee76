#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/playground_frames.hpp"
#include "orchestrator/cli/playground_quote.hpp"
#include "orchestrator/cli/playground_sends.hpp"

#include <nlohmann/json_fwd.hpp>

// What the playground's page is told, in the form that its script takes.
namespace callsheet::cli {

/// The modes and models that its form can do, and what it may be filled in with for each.
[[nodiscard]] nlohmann::json playground_catalog_json(catalog::Catalog const& catalog);

/// `left`: of the session's budget.
[[nodiscard]] nlohmann::json playground_quote_json(PlaygroundQuote const& quote, Credits left,
                                                   CreditsPerUsd rate);

[[nodiscard]] nlohmann::json playground_frame_json(PlaygroundFrames::Kept const& frame);

[[nodiscard]] nlohmann::json playground_state_json(PlaygroundSends const& sends, CreditsPerUsd rate);

/// Biggest picture that a model takes as a frame.
[[nodiscard]] std::uint64_t frame_bytes_most(catalog::Catalog const& catalog);

}  // namespace callsheet::cli
