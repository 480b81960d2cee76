#pragma once

#include "tools/local_gateway/model_rules.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callsheet::local_gateway {

enum class ImageKind { jpeg, png, gif, webp };

/// What the bytes of a picture say; width and height are 0 where its decoder is not at hand (webp).
struct ImageFile {
  ImageKind format = ImageKind::jpeg;
  std::uint64_t bytes = 0;
  int width = 0;
  int height = 0;
};

std::string_view mime_type_of(ImageKind kind);

/// By content, never by name. Empty when it is none of the four kinds the files host takes (gateway-api.md
/// 9).
[[nodiscard]] std::optional<ImageFile> identify_image(std::string_view bytes);

/// Why `image` cannot be a frame for `model`; empty when it can (gateway-api.md section 4).
[[nodiscard]] std::optional<std::string> frame_refused(ImageFile const& image, ModelRules const& model);

}  // namespace callsheet::local_gateway
