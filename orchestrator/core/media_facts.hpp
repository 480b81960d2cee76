#pragma once

#include "orchestrator/core/ids.hpp"
#include "orchestrator/core/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace callsheet {

enum class ImageFormat { jpeg, png, other };

/// What a picture file is, read from its content, not its name.
struct ImageFacts {
  ImageFormat format = ImageFormat::other;
  std::uint64_t size_bytes = 0;
  int width = 0;
  int height = 0;
  ContentDigest digest;
};

/// How planning learns of a picture without knowing files: media/ implements it, tests make it up.
/// Fails with Code::not_found, file_system or invalid_input. May block.
using ImageProbe = std::function<Result<ImageFacts>(std::string const& path)>;

}  // namespace callsheet
