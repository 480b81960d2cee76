#pragma once

#include "orchestrator/catalog/model.hpp"
#include "orchestrator/core/image_facts.hpp"

#include <string>
#include <vector>

namespace callsheet::catalog {

/// One reason why a model cannot do a request.
struct Objection {
  std::string field;  ///< as in the manifest: "duration", "image_start", …
  std::string why;    ///< "duration 16 is outside what kling-v3-image-to-video can do (3 to 15 s)"
  std::string mend;
  friend bool operator==(Objection const&, Objection const&) = default;
};

/// What is known of a request's pictures; null: none, or a URL that was not looked at.
struct Pictures {
  ImageFacts const* start = nullptr;
  ImageFacts const* end = nullptr;
};

/// Every reason against; empty: the model can do exactly this request, meaning kept. Pure, any thread.
/// Source: gateway-api.md section 4, by way of the catalog.
[[nodiscard]] std::vector<Objection> objections(Model const& model, Request const& request,
                                                Pictures pictures);

/// Characters (code points) of UTF-8 text: what the gateway's limits count.
[[nodiscard]] std::size_t characters(std::string_view text);

}  // namespace callsheet::catalog
