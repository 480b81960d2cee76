#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/core/result.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace callsheet::cli {

/// What a person wants a model to be able to do: "image-to-video,10s,1080p,sound".
struct ModelWish {
  std::optional<Mode> mode;
  std::optional<std::chrono::seconds> duration;
  std::optional<Quality> quality;
  std::optional<AspectRatio> aspect_ratio;
  bool sound = false;
  bool end_frame = false;
  bool shots = false;
  bool negative_prompt = false;
  bool watermark = false;
};

/// Fails with Code::usage, naming the word that is not understood.
[[nodiscard]] Result<ModelWish> parse_wish(std::string_view text);

/// A model that can, in the cheapest quality that was not ruled out.
struct Offer {
  catalog::Model const* model = nullptr;
  Mode mode = Mode::text_to_video;  ///< as wished, else the model's first
  Quality quality = Quality::p720;
  std::chrono::seconds duration{0};  ///< as wished, else the shortest the model makes
  Credits clip;                      ///< of that length
};
struct LeftOut {
  catalog::Model const* model = nullptr;
  std::string why;
};
struct Offers {
  std::vector<Offer> offers;  ///< by price, then in the catalog's order
  std::vector<LeftOut> left_out;
};
/// `models` are of `catalog`, which outlives the offers. Those of another mode are in neither list. Pure.
[[nodiscard]] Offers offers_for(catalog::Catalog const& catalog,
                                std::vector<catalog::Model const*> const& models, ModelWish const& wish);

}  // namespace callsheet::cli
