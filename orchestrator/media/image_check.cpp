#include "orchestrator/media/image_check.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/media/input_file.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

namespace callsheet::media {

namespace {

ImageFormat format_of(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\xFF\xD8\xFF"sv)) return ImageFormat::jpeg;
  if (head.starts_with("\x89PNG\r\n\x1A\n"sv)) return ImageFormat::png;
  if (head.starts_with("RIFF"sv) && head.size() >= 12 && head.substr(8, 4) == "WEBP"sv)
    return ImageFormat::webp;
  return ImageFormat::other;
}

}  // namespace

Result<ImageFacts> probe_image(std::string const& path) {
  if (auto const there = check_is_file(path); !there) return fail(there.error());
  std::error_code error;
  ImageFacts facts;
  facts.size_bytes = std::filesystem::file_size(path, error);
  std::array<char, 16> head{};
  std::ifstream file{path, std::ios::binary};
  file.read(head.data(), head.size());
  if (error || file.bad() || !file.is_open())
    return fail(Code::file_system, fmt::format("cannot read '{}'", path));
  facts.format = format_of({head.data(), static_cast<std::size_t>(file.gcount())});
  // The decoder at hand does not know WebP: such a picture's size stays unknown.
  if (facts.format == ImageFormat::jpeg || facts.format == ImageFormat::png) {
    int channels = 0;
    if (stbi_info(path.c_str(), &facts.width, &facts.height, &channels) == 0)
      return fail(Code::invalid_input, fmt::format("'{}' is damaged: {}", path, stbi_failure_reason()),
                  "save the picture again as JPEG or PNG");
  }
  Result<std::string> digest = sha256_of_file(path);
  if (!digest) return fail(digest.error());
  facts.digest = ContentDigest{*std::move(digest)};
  return facts;
}

}  // namespace callsheet::media
