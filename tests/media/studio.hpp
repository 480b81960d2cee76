#pragma once

#include "orchestrator/core/digest.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace callsheet {

/// Clips made by FFmpeg, in a folder that goes with it.
struct Studio {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("callsheet-look-" + random_hex(6));
  Studio() { std::filesystem::create_directories(folder); }
  ~Studio() { std::filesystem::remove_all(folder); }

  /// `picture` and `sound` are sources of FFmpeg's lavfi; `encoder`: more about how it is encoded.
  std::filesystem::path make(std::string const& picture, std::string const& sound = "",
                             std::string const& encoder = "-preset ultrafast") const {
    std::filesystem::path const clip = folder / (random_hex(4) + ".mp4");
    std::string const second =
        sound.empty() ? "" : fmt::format("-f lavfi -i '{}' -c:a aac -map 0:v -map 1:a -shortest", sound);
    std::string const command =
        fmt::format("ffmpeg -v error -nostdin -f lavfi -i '{}' {} -c:v libx264 {} -pix_fmt yuv420p {}",
                    picture, second, encoder, clip.string());
    REQUIRE(std::system(command.c_str()) == 0);
    return clip;
  }
};

}  // namespace callsheet
