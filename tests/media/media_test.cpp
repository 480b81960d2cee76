#include "orchestrator/core/digest.hpp"
#include "orchestrator/media/clip_check.hpp"
#include "orchestrator/media/image_check.hpp"

#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fcntl.h>

using namespace callsheet;

namespace {

struct TemporaryFolder {
  std::filesystem::path path = std::filesystem::temp_directory_path() / ("callsheet-media-" + random_hex(6));
  TemporaryFolder() { std::filesystem::create_directories(path); }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string write(std::string const& name, std::string const& bytes) const {
    std::ofstream{path / name, std::ios::binary} << bytes;
    return (path / name).string();
  }
};

}  // namespace

TEST_CASE("image: what it is, from its content and not its name") {
  auto const facts = media::probe_image(CALLSHEET_SOURCE_DIR "/manifests/images/sneaker.jpg");
  REQUIRE(facts.has_value());
  CHECK(facts->format == ImageFormat::jpeg);
  CHECK(facts->width == 1280);
  CHECK(facts->height == 720);
  CHECK(facts->digest.str().size() == 64);
}

TEST_CASE("image: missing, foreign and damaged files are told apart") {
  TemporaryFolder const folder;
  CHECK(media::probe_image((folder.path / "no.jpg").string()).error().code == Code::not_found);
  CHECK(media::probe_image(folder.path.string()).error().code == Code::invalid_input);
  CHECK(media::probe_image(folder.write("a.jpg", "RIFF....WEBP"))->format == ImageFormat::webp);
  CHECK(media::probe_image(folder.write("a.gif", "GIF89a and more"))->format == ImageFormat::other);
  CHECK(media::probe_image(folder.write("empty.jpg", ""))->format == ImageFormat::other);
  CHECK(media::probe_image(folder.write("b.png", "\x89PNG\r\n\x1A\n and then nothing")).error().code ==
        Code::invalid_input);
}

TEST_CASE("clip: what is no video is not taken for one") {
  TemporaryFolder const folder;
  for (std::string const& bytes :
       {std::string{}, std::string{"<html>not found</html>"}, std::string(5000, '\0'),
        std::string{"\0\0\0\x18"
                    "ftypmp42\0\0\0\0mp42isom",
                    24}}) {
    std::string const path = folder.write("clip.mp4", bytes);
    Descriptor const file{::open(path.c_str(), O_RDONLY)};
    auto const facts = media::probe_clip(file, path);
    REQUIRE_FALSE(facts.has_value());
    CHECK(facts.error().code == Code::bad_clip);
  }
}
