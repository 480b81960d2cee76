#include "orchestrator/media/clip_look.hpp"

#include "tests/media/studio.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace callsheet;
namespace fs = std::filesystem;

TEST_CASE("look: what moves and sounds is seen to by its beginning") {
  Studio const studio;
  auto const look =
      media::look_at_clip(studio.make("testsrc=s=320x180:r=12:d=6", "sine=f=220:d=6"), true, "");
  REQUIRE(look.has_value());
  CHECK(look->pictures == 8);
  CHECK(look->brightest > 200);
  CHECK(look->difference > 50);
  CHECK(look->loudest.value_or(0) > 10);
  CHECK(look->damage.empty());
}

TEST_CASE("look: black, still and silent are looked at to the end before they are called so") {
  Studio const studio;
  auto const black =
      media::look_at_clip(studio.make("color=black:s=320x180:r=12:d=6", "anullsrc=d=6"), true, "");
  REQUIRE(black.has_value());
  CHECK(black->pictures == 24);
  CHECK(black->brightest <= 2);
  CHECK(black->loudest == 0);
  // A photograph's grain, encoded, is no movement.
  auto const still = media::look_at_clip(
      studio.make("testsrc=s=320x180:r=12:d=1,noise=alls=40,loop=-1:1:0,trim=duration=6,setpts=N/12/TB"),
      false, "");
  REQUIRE(still.has_value());
  CHECK(still->pictures >= 23);
  CHECK(still->brightest > 200);
  CHECK(still->difference <= 4);
  auto const late = media::look_at_clip(
      studio.make("color=gray:s=320x180:r=12:d=6,drawbox=w=60:h=60:color=white:t=fill:enable=gt(t\\,4)"),
      false, "");
  REQUIRE(late.has_value());
  CHECK(late->pictures == 24);
  CHECK(late->difference > 50);
}

TEST_CASE("look: channels that cancel each other out are heard, and so is what is small and moves") {
  Studio const studio;
  auto const opposite = media::look_at_clip(
      studio.make("testsrc=s=320x180:r=12:d=3", "aevalsrc=sin(2*PI*220*t)|-sin(2*PI*220*t):d=3"), true, "");
  REQUIRE(opposite.has_value());
  CHECK(opposite->loudest.value_or(0) > 10);
  auto const small = media::look_at_clip(
      studio.make(
          "color=gray:s=1280x720:r=12:d=3[a];color=white:s=10x40:r=12:d=3[b];[a][b]overlay=x=100+100*t:y=300"),
      false, "");
  REQUIRE(small.has_value());
  CHECK(small->difference > 4);
}

TEST_CASE("look: an FFmpeg that cannot work says nothing of the clip") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=2");
  fs::path const program = studio.folder / "bin" / "ffmpeg";
  fs::create_directories(program.parent_path());
  std::string const path = std::getenv("PATH");
  for (char const* const script : {"echo 'error while loading shared libraries' >&2; exit 127",
                                   "echo 'the clip: Permission denied' >&2; exit 1", "exit 1"}) {
    std::ofstream{program} << "#!/bin/sh\n" << script << '\n';
    fs::permissions(program, fs::perms::owner_all);
    ::setenv("PATH", (program.parent_path().string() + ":" + path).c_str(), 1);
    auto const look = media::look_at_clip(clip, false, "");
    ::setenv("PATH", path.c_str(), 1);
    CHECK_FALSE(look.has_value());
  }
}

TEST_CASE("look: a stream that is damaged inside a whole container is told in FFmpeg's words") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=4");
  std::string bytes(fs::file_size(clip), '\0');
  std::ifstream{clip, std::ios::binary}.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  std::size_t const media = bytes.find("mdat");
  REQUIRE(media != std::string::npos);
  for (std::size_t at = media + 2000; at < media + 9000 && at < bytes.size(); ++at)
    bytes[at] = static_cast<char>(at * 7);
  std::ofstream{clip, std::ios::binary} << bytes;
  auto const look = media::look_at_clip(clip, false, "");
  REQUIRE(look.has_value());
  CHECK_FALSE(look->damage.empty());
  CHECK(look->damage.find(studio.folder.string()) == std::string::npos);
}

TEST_CASE("look: the same bytes are known again under any name") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=3");
  auto const first = media::look_at_clip(clip, false, "digest of it");
  fs::path const copy = studio.folder / "copy.mp4";
  fs::copy_file(clip, copy);
  std::string const path = std::getenv("PATH");
  ::setenv("PATH", studio.folder.c_str(), 1);  // where there is no FFmpeg
  bool const could = media::can_look_at_clips();
  auto const again = media::look_at_clip(copy, false, "digest of it");
  auto const other = media::look_at_clip(copy, false, "another");
  ::setenv("PATH", path.c_str(), 1);
  CHECK_FALSE(could);
  CHECK(media::can_look_at_clips());
  REQUIRE(first.has_value());
  REQUIRE(again.has_value());
  CHECK(again->difference == first->difference);
  CHECK_FALSE(other.has_value());
}

TEST_CASE("look: of a clip with frames larger than those of 8K nothing is said") {
  Studio const studio;
  fs::path const large = studio.make("color=red:s=8704x4352:r=2:d=1", "", "-preset ultrafast -threads 1");
  CHECK_FALSE(media::look_at_clip(large, false, "").has_value());
  // Without what bounds it that decodes well.
  fs::path const fitting = studio.make("color=red:s=7680x4320:r=2:d=1", "", "-preset ultrafast -threads 1");
  auto const look = media::look_at_clip(fitting, false, "");
  REQUIRE(look.has_value());
  CHECK(look->pictures == 4);
  CHECK(look->damage.empty());
}

TEST_CASE("look: an FFmpeg that gives without end is ended") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=2");
  fs::path const program = studio.folder / "bin" / "ffmpeg";
  fs::create_directories(program.parent_path());
  std::string const path = std::getenv("PATH");
  std::ofstream{program} << "#!/bin/sh\nexec head -c 100000000 /dev/zero >&3\n";
  fs::permissions(program, fs::perms::owner_all);
  ::setenv("PATH", (program.parent_path().string() + ":" + path).c_str(), 1);
  auto const look = media::look_at_clip(clip, false, "");
  ::setenv("PATH", path.c_str(), 1);
  CHECK_FALSE(look.has_value());
}
