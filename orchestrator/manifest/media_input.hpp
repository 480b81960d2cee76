#pragma once

#include "orchestrator/core/request.hpp"
#include "orchestrator/manifest/campaign.hpp"

#include <string>

namespace callsheet::manifest {

enum class InputKind { picture, video };

/// Why a text names no picture or video.
struct NoInput {
  std::string what;
  std::string mend;
};

/// The file or URL that `text`, written at `place`, names; nobody has looked at it yet. Pure.
[[nodiscard]] tl::expected<MediaInput, NoInput> media_input(Campaign const& campaign, std::string const& text,
                                                            Place place, InputKind kind);

}  // namespace callsheet::manifest
