#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/request.hpp"
#include "orchestrator/core/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::cli {

/// What the playground's page asks for, in the manifest's words; nothing of it is known to make sense. Empty:
/// left out.
struct PlaygroundForm {
  std::string mode;
  std::string prompt;
  std::string negative_prompt;
  std::string image_start;  ///< a frame's id
  std::string image_end;    ///< a frame's id
  std::string quality;
  std::string sound;
  std::string aspect_ratio;
  std::string model;  ///< empty: the cheapest that can, and when it is down the next by price
  std::optional<int> duration;
  bool automatic_shots = false;  ///< the model plans them from the prompt
  std::vector<Shot> shots;       ///< in the place of prompt and duration
  std::optional<bool> watermark;
};

/// From JSON as the page sends it: `{"form": {…}}`, with other members beside it. Fails with Code::usage.
[[nodiscard]] Result<PlaygroundForm> parse_form(std::string_view json);

/// What a manifest of one clip says beside what the form does.
struct PlaygroundTerms {
  std::string campaign;
  Credits cap;
  /// Any model may be asked, whatever the form says: to see what each would cost.
  bool every_model = false;
};

/// The form as a manifest. Its texts are quoted, so that they are what they look like and nothing else.
/// `path_of` gives the path of a frame by its id, from the manifest's folder.
[[nodiscard]] std::string manifest_text(PlaygroundForm const& form, PlaygroundTerms const& terms,
                                        std::function<std::string(std::string const&)> const& path_of);

}  // namespace callsheet::cli
