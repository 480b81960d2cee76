#pragma once

#include "orchestrator/core/result.hpp"

#include <filesystem>
#include <string_view>

namespace callsheet::local_gateway {

/// Paints a landscape for text-to-video (sky, sun or moon, hills, sea or skyline; light and place from the
/// prompt's words, else from its hash) as a PPM file of about 1600 px on the longer side.
[[nodiscard]] Result<void> paint_backdrop(std::string_view prompt, int width, int height,
                                          std::filesystem::path const& path);

}  // namespace callsheet::local_gateway
