#include "orchestrator/core/digest.hpp"
#include "tests/support/campaigns.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>

using namespace callsheet;

namespace {

namespace fs = std::filesystem;

std::string read(fs::path const& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The pictures the bad manifests name.
ImageProbe golden_probe() {
  return [](std::string const& path) -> Result<ImageFacts> {
    struct Picture {
      ImageFormat format;
      std::uint64_t bytes;
      int width, height;
    };
    static std::map<std::string, Picture> const pictures{
        {"wide.jpg", {ImageFormat::jpeg, 100'000, 1280, 720}},
        {"end.jpg", {ImageFormat::jpeg, 100'000, 1280, 720}},
        {"tiny.jpg", {ImageFormat::jpeg, 1'000, 200, 150}},
        {"panorama.jpg", {ImageFormat::jpeg, 100'000, 3000, 600}},
        {"huge.png", {ImageFormat::png, 60'000'000, 8000, 6000}},
        {"moving.gif", {ImageFormat::other, 100'000, 0, 0}}};
    std::string const name = fs::path{path}.filename().string();
    auto const found = pictures.find(name);
    if (found == pictures.end())
      return fail(Code::not_found, "there is no picture " + name, "check the spelling of the path");
    auto const& [format, bytes, width, height] = found->second;
    return ImageFacts{.format = format,
                      .size_bytes = bytes,
                      .width = width,
                      .height = height,
                      .digest = ContentDigest{sha256_hex(name)}};
  };
}

/// The videos the bad manifests name.
VideoProbe golden_video_probe() {
  return [](std::string const& path) -> Result<VideoFacts> {
    struct Video {
      std::chrono::milliseconds length;
      int width, height;
      std::int64_t frames;
      std::uint64_t bytes = 1'000'000;
    };
    using namespace std::chrono_literals;
    static std::map<std::string, Video> const videos{
        {"dance.mp4", {8s, 1280, 720, 240}},   {"blink.mp4", {1500ms, 1280, 720, 45}},
        {"film.mov", {95s, 1920, 1080, 2850}}, {"thumb.mp4", {8s, 320, 180, 240}},
        {"slow.mp4", {8s, 1280, 720, 96}},     {"raw.mov", {8s, 1280, 720, 240, 150'000'000}}};
    std::string const name = fs::path{path}.filename().string();
    auto const found = videos.find(name);
    if (found == videos.end())
      return fail(Code::not_found, "there is no video " + name, "check the spelling of the path");
    return VideoFacts{.size_bytes = found->second.bytes,
                      .width = found->second.width,
                      .height = found->second.height,
                      .length = found->second.length,
                      .longest = found->second.length,
                      .frames = found->second.frames,
                      .digest = ContentDigest{sha256_hex(name)}};
  };
}

/// What a person sees for the manifest at `path`.
std::string errors_of(fs::path const& path) {
  auto const campaign = manifest::load(path);
  if (!campaign) return test::shown(campaign.error());
  auto const catalog = catalog::load();
  REQUIRE(catalog);
  auto const plan = plan::build_plan(*campaign, *catalog, {golden_probe(), golden_video_probe()});
  return plan ? "no error\n" : test::shown(plan.error());
}

}  // namespace

TEST_CASE("errors: what people get wrong is told as tests/golden/manifest/*.txt has it") {
  // Errors show the path as it was given: a relative one keeps this machine out of the texts.
  fs::current_path(CALLSHEET_SOURCE_DIR "/tests/golden/manifest");
  bool const update = std::getenv("CALLSHEET_UPDATE_GOLDEN") != nullptr;
  std::vector<fs::path> cases;
  for (auto const& entry : fs::directory_iterator{"."})
    if (entry.path().extension() == ".yaml") cases.push_back(entry.path().filename());
  std::sort(cases.begin(), cases.end());
  CHECK(cases.size() >= 60);
  for (fs::path const& path : cases) {
    CAPTURE(path.string());
    std::string const told = errors_of(path);
    CHECK(told != "no error\n");
    fs::path expected = path;
    expected.replace_extension(".txt");
    if (update)
      std::ofstream{expected, std::ios::binary} << told;
    else
      CHECK(told == read(expected));
  }
}
