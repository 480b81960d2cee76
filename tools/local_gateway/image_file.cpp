#include "tools/local_gateway/image_file.hpp"

#include <fmt/format.h>

// Static: another part of the program has its own copy of this decoder.
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_GIF
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace callsheet::local_gateway {

namespace {

std::optional<ImageKind> kind_of(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return ImageKind::jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return ImageKind::png;
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return ImageKind::gif;
  if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") return ImageKind::webp;
  return std::nullopt;
}

}  // namespace

std::string_view mime_type_of(ImageKind kind) {
  switch (kind) {
    case ImageKind::jpeg:
      return "image/jpeg";
    case ImageKind::png:
      return "image/png";
    case ImageKind::gif:
      return "image/gif";
    case ImageKind::webp:
      return "image/webp";
  }
  return "";
}

std::optional<ImageFile> identify_image(std::string_view bytes) {
  std::optional<ImageKind> const kind = kind_of(bytes);
  if (!kind) return std::nullopt;
  ImageFile image{*kind, bytes.size(), 0, 0};
  if (*kind == ImageKind::webp) return image;
  int components = 0;
  auto const* const data = reinterpret_cast<stbi_uc const*>(bytes.data());
  if (stbi_info_from_memory(data, static_cast<int>(bytes.size()), &image.width, &image.height, &components) ==
      0)
    return std::nullopt;
  return image;
}

std::optional<std::string> frame_refused(ImageFile const& image, ModelRules const& model) {
  bool const taken = image.format == ImageKind::jpeg || image.format == ImageKind::png ||
                     (image.format == ImageKind::webp && model.takes_webp);
  if (!taken)
    return fmt::format("{} is not supported: the image must be jpg, jpeg or png{}",
                       mime_type_of(image.format), model.takes_webp ? ", or webp" : "");
  if (image.bytes > model.image_bytes_max)
    return fmt::format("the image is larger than {} MB", model.image_bytes_max / mib);
  if (image.width == 0) return std::nullopt;  // webp: its size is not known here
  if (image.width < model.image_side_min || image.height < model.image_side_min)
    return fmt::format("the image is {}x{}: both sides must be at least {} px", image.width, image.height,
                       model.image_side_min);
  if (image.width * 10 > image.height * model.image_ratio_max ||
      image.height * 10 > image.width * model.image_ratio_max)
    return fmt::format("the image is {}x{}: its ratio must be between 1:{} and {}:1", image.width,
                       image.height, model.image_ratio_max / 10.0, model.image_ratio_max / 10.0);
  return std::nullopt;
}

}  // namespace callsheet::local_gateway
