#pragma once

#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/error.hpp"
#include "orchestrator/plan/build_plan.hpp"

#include <string>
#include <vector>

namespace callsheet::test {

/// Every video exists, is 5 s long and 1280x720.
inline VideoProbe landscape_video_probe() {
  return [](std::string const& path) -> Result<VideoFacts> {
    return VideoFacts{.size_bytes = 1'000'000,
                      .width = 1280,
                      .height = 720,
                      .length = std::chrono::seconds{5},
                      .longest = std::chrono::seconds{5},
                      .frames = 120,
                      .digest = ContentDigest{sha256_hex(path)}};
  };
}

/// Every picture exists, is a JPEG and 1280x720.
inline ImageProbe landscape_probe() {
  return [](std::string const& path) -> Result<ImageFacts> {
    return ImageFacts{.format = ImageFormat::jpeg,
                      .size_bytes = 100'000,
                      .width = 1280,
                      .height = 720,
                      .digest = ContentDigest{sha256_hex(path)}};
  };
}

inline std::string shown(std::vector<Error> const& errors) {
  std::string text;
  for (Error const& error : errors) text += render(error);
  return text;
}

/// The plan of a manifest given as text, with the catalog the program is built with.
inline Checked<plan::Plan> plan_of(std::string const& text, ImageProbe const& probe = landscape_probe()) {
  auto const campaign = manifest::load_text("/campaigns/test.yaml", text);
  if (!campaign) return tl::unexpected{campaign.error()};
  auto const catalog = catalog::load();
  if (!catalog) return tl::unexpected{std::vector{catalog.error()}};
  return plan::build_plan(*campaign, *catalog, {probe, landscape_video_probe()});
}

}  // namespace callsheet::test
