#include "orchestrator/media/clip_stills.hpp"

#include "orchestrator/core/descriptor.hpp"
#include "orchestrator/core/still_names.hpp"
#include "orchestrator/media/clip_check.hpp"
#include "orchestrator/media/clip_look.hpp"
#include "tests/media/studio.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include <fcntl.h>

using namespace callsheet;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

using Colour = std::array<int, 3>;

std::string digest(char digit) {
  return std::string(64, digit);
}

void write(fs::path const& file, std::string_view bytes) {
  std::ofstream{file, std::ios::binary} << bytes;
}

std::string read(fs::path const& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

media::StillSource source_of(fs::path const& clip, std::string const& sha256) {
  Descriptor const file{::open(clip.c_str(), O_RDONLY | O_CLOEXEC)};
  auto const facts = media::probe_clip(file, clip);
  REQUIRE(facts.has_value());
  return {.file = clip, .length = facts->length, .height = facts->height, .sha256 = sha256};
}

/// A picture as another program reads it.
struct Picture {
  int width = 0, height = 0;
  std::string pixels = {};  ///< red, green, blue

  Picture(Studio const& studio, std::string const& jpeg) {
    fs::path const file = studio.folder / "picture.jpg", raw = studio.folder / "picture.ppm";
    write(file, jpeg);
    REQUIRE(std::system(fmt::format("ffmpeg -v error -nostdin -y -i {} -pix_fmt rgb24 {}", file.string(),
                                    raw.string())
                            .c_str()) == 0);
    std::ifstream in{raw, std::ios::binary};
    std::string kind;
    int most = 0;
    in >> kind >> width >> height >> most;
    in.get();
    pixels = {std::istreambuf_iterator<char>{in}, {}};
    REQUIRE(pixels.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  }
  /// How far the pixel is from the colour: the largest of three differences.
  [[nodiscard]] int off(double x, double y, Colour const& wanted) const {
    auto const column = static_cast<std::size_t>(x * width), row = static_cast<std::size_t>(y * height);
    std::size_t const at = (row * static_cast<std::size_t>(width) + column) * 3;
    int most = 0;
    for (std::size_t i = 0; i < 3; ++i)
      most =
          std::max(most, std::abs(static_cast<int>(static_cast<unsigned char>(pixels[at + i])) - wanted[i]));
    return most;
  }
};

/// A quarter of each: red, green, blue, yellow; `size`: "320:180".
std::string four_colours(std::string const& size) {
  return fmt::format(
      "color=red:s={0}:r=12:d=6,format=rgb24,drawbox=x=iw/2:w=iw/2:h=ih/2:color=lime:t=fill,"
      "drawbox=y=ih/2:w=iw/2:h=ih/2:color=blue:t=fill,drawbox=x=iw/2:y=ih/2:w=iw/2:h=ih/2:color=yellow:t=fill",
      size);
}

/// Encoded as `matrix` has it, without a word about it.
std::string untold(std::string const& picture, char const* matrix) {
  return fmt::format("{},scale=out_color_matrix={},format=yuv420p,setparams=colorspace=unknown", picture,
                     matrix);
}

constexpr int jpeg_and_h264 = 14;  // what two lossy codecs, and halved colour, may cost a plain colour

void check_four_colours(Picture const& picture, double from = 0, double share = 1) {
  CHECK(picture.off(from + share * 0.25, 0.25, {255, 0, 0}) < jpeg_and_h264);
  CHECK(picture.off(from + share * 0.75, 0.25, {0, 255, 0}) < jpeg_and_h264);
  CHECK(picture.off(from + share * 0.25, 0.75, {0, 0, 255}) < jpeg_and_h264);
  CHECK(picture.off(from + share * 0.75, 0.75, {255, 255, 0}) < jpeg_and_h264);
}

}  // namespace

TEST_CASE("stills: the filmstrip is eight frames from all over the clip, in order") {
  Studio const studio;
  std::string clips;
  std::string inputs;
  std::array<Colour, 8> const colours{{{255, 0, 0},
                                       {0, 255, 0},
                                       {0, 0, 255},
                                       {255, 255, 0},
                                       {255, 0, 255},
                                       {0, 255, 255},
                                       {255, 255, 255},
                                       {128, 128, 128}}};
  for (std::size_t i = 0; i < colours.size(); ++i) {
    auto const& [red, green, blue] = colours.at(i);
    clips += fmt::format("color=0x{:02x}{:02x}{:02x}:s=320x180:r=24:d=0.75[c{}];", red, green, blue, i);
    inputs += fmt::format("[c{}]", i);
  }
  // With B-frames and few key frames, as models' clips have them.
  fs::path const clip = studio.make(clips + inputs + "concat=n=8", "", "-preset fast -bf 3 -g 250");
  auto const stills = media::take_stills(source_of(clip, digest('a')));
  REQUIRE(stills.has_value());
  Picture const strip{studio, stills->filmstrip};
  CHECK(strip.height == 160);
  CHECK(strip.width == 8 * 284);
  for (std::size_t i = 0; i < colours.size(); ++i) {
    CAPTURE(i);
    CHECK(strip.off((static_cast<double>(i) + 0.5) / 8, 0.5, colours.at(i)) < jpeg_and_h264);
  }
}

TEST_CASE("stills: the poster is the clip's picture, and not the black before it") {
  Studio const studio;
  fs::path const clip = studio.make(untold(four_colours("1280x720") + ",fade=in:d=2:color=black", "bt709"));
  auto const stills = media::take_stills(source_of(clip, digest('b')));
  REQUIRE(stills.has_value());
  Picture const poster{studio, stills->poster};
  CHECK(poster.width == 1280);
  CHECK(poster.height == 720);
  check_four_colours(poster);
  Picture const strip{studio, stills->filmstrip};
  CHECK(strip.off(1.0 / 32, 0.25, {255, 0, 0}) > 100);  // there it is dark still
  check_four_colours(strip, 7.0 / 8, 1.0 / 8);
}

TEST_CASE("stills: colours are those a browser shows, whether the clip says how they are meant or not") {
  Studio const studio;
  struct Case {
    char const* name;
    char const* size;
    char const* matrix;
    char const* said;  ///< in the clip; empty: nothing
  };
  for (Case const& c :
       {Case{"large, untold", "1280x720", "bt709", ""}, Case{"small, untold", "640x360", "bt601", ""},
        Case{"small, told", "640x360", "bt709", "-colorspace bt709"},
        Case{"large, told", "1280x720", "bt601", "-colorspace smpte170m"}}) {
    CAPTURE(c.name);
    fs::path const clip =
        studio.make(untold(four_colours(c.size), c.matrix), "", fmt::format("-preset ultrafast {}", c.said));
    auto const stills = media::take_stills(source_of(clip, digest('c')));
    REQUIRE(stills.has_value());
    check_four_colours(Picture{studio, stills->poster});
    check_four_colours(Picture{studio, stills->filmstrip}, 3.0 / 8, 1.0 / 8);
  }
}

TEST_CASE("stills: whatever its shape, a clip's stills have it, within their bounds") {
  Studio const studio;
  struct Case {
    char const* picture;
    int width, height, frame_width, frame_height;
  };
  for (Case const& c : {Case{"testsrc=s=360x640:r=8:d=2", 360, 640, 90, 160},
                        Case{"testsrc=s=2560x1440:r=8:d=2", 1920, 1080, 284, 160},
                        Case{"testsrc=s=1440x2560:r=8:d=2", 1080, 1920, 90, 160},
                        Case{"testsrc=s=1200x100:r=8:d=2", 1200, 100, 320, 26},
                        Case{"testsrc=s=320x180:r=8:d=2,setsar=2", 640, 180, 320, 90},
                        Case{"testsrc=s=16x2000:r=8:d=2", 15, 1875, 2, 160}}) {
    CAPTURE(c.picture);
    auto const stills = media::take_stills(source_of(studio.make(c.picture), digest('d')));
    REQUIRE(stills.has_value());
    Picture const poster{studio, stills->poster}, strip{studio, stills->filmstrip};
    CHECK(poster.width == c.width);
    CHECK(poster.height == c.height);
    CHECK(strip.width == 8 * c.frame_width);
    CHECK(strip.height == c.frame_height);
  }
}

TEST_CASE("stills: a look draws them from what it decodes, and they are taken once") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=6", "sine=f=220:d=6");
  auto const look = media::look_at_clip(source_of(clip, digest('e')), true, media::Drawing::stills);
  REQUIRE(look.has_value());
  CHECK(look->pictures == 24);  // all of the clip
  CHECK(look->difference > 50);
  CHECK(look->loudest.value_or(0) > 10);
  auto const stills = media::take_drawn_stills(digest('e'));
  REQUIRE(stills.has_value());
  CHECK(Picture{studio, stills->poster}.width == 320);
  CHECK(Picture{studio, stills->filmstrip}.height == 160);
  CHECK_FALSE(media::take_drawn_stills(digest('e')).has_value());
  // Nobody asked.
  CHECK(media::look_at_clip(source_of(clip, digest('f')), true, media::Drawing::none).has_value());
  CHECK_FALSE(media::take_drawn_stills(digest('f')).has_value());
}

TEST_CASE("stills: where they cannot be drawn the clip is looked at all the same") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=6");
  fs::path const program = studio.folder / "bin" / "ffmpeg";
  fs::create_directories(program.parent_path());
  std::string const path = std::getenv("PATH");
  write(program, "#!/bin/sh\ncase \"$*\" in *mjpeg*) echo 'Unknown encoder' >&2; exit 1;; esac\nPATH='" +
                     path + "' exec ffmpeg \"$@\"\n");
  fs::permissions(program, fs::perms::owner_all);
  ::setenv("PATH", (program.parent_path().string() + ":" + path).c_str(), 1);
  auto const look = media::look_at_clip(source_of(clip, digest('1')), false, media::Drawing::stills);
  auto const stills = media::take_stills(source_of(clip, digest('1')));
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(look.has_value());
  CHECK(look->pictures == 8);
  CHECK(look->damage.empty());
  CHECK_FALSE(stills.has_value());
}

TEST_CASE("stills: a clip that FFmpeg does not come to an end with is not given to it again") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=6");
  fs::path const program = studio.folder / "bin" / "ffmpeg", again = studio.folder / "again";
  fs::create_directories(program.parent_path());
  std::string const path = std::getenv("PATH");
  write(program,
        "#!/bin/sh\ncase \"$*\" in *mjpeg*) exec sleep 600;; esac\n: > '" + again.string() + "'\nexit 1\n");
  fs::permissions(program, fs::perms::owner_all);
  ::setenv("PATH", (program.parent_path().string() + ":" + path).c_str(), 1);
  media::StillSource source = source_of(clip, digest('5'));
  source.patience = 500ms;
  auto const look = media::look_at_clip(source, false, media::Drawing::stills);
  ::setenv("PATH", path.c_str(), 1);
  CHECK_FALSE(look.has_value());
  CHECK_FALSE(fs::exists(again));
}

TEST_CASE(
    "stills: of a clip that is damaged in the end its whole part is drawn, and no ill is thought of it") {
  Studio const studio;
  fs::path const clip = studio.make("testsrc=s=320x180:r=12:d=8", "", "-preset ultrafast -g 12");
  std::string bytes = read(clip);
  for (std::size_t at = bytes.size() * 3 / 4; at < bytes.size() - 100; ++at)
    bytes[at] = static_cast<char>(at * 7);
  // Whatever of its index stands at the end stays.
  std::string const whole = read(clip);
  std::size_t const index = whole.find("moov");
  REQUIRE(index != std::string::npos);
  bytes.replace(index - 4, std::string::npos, whole, index - 4, std::string::npos);
  write(clip, bytes);
  auto const look = media::look_at_clip(source_of(clip, digest('2')), false, media::Drawing::stills);
  REQUIRE(look.has_value());
  CHECK(look->damage.empty());
  auto const stills = media::take_stills(source_of(clip, digest('2')));
  REQUIRE(stills.has_value());
  CHECK(Picture{studio, stills->poster}.width == 320);
}

TEST_CASE("stills: a file tells whether it is the still of that clip, of another, or none of ours") {
  Studio const studio;
  auto const stills = media::take_stills(source_of(studio.make("testsrc=s=320x180:r=12:d=2"), digest('3')));
  REQUIRE(stills.has_value());
  fs::path const still = studio.folder / "a.poster.jpg";
  using media::StillState;
  CHECK(media::state_of_still(still, digest('3')) == StillState::missing);
  write(still, stills->poster);
  CHECK(media::state_of_still(still, digest('3')) == StillState::of_the_clip);
  CHECK(media::state_of_still(still, digest('4')) == StillState::outdated);
  write(still, std::string_view{stills->poster}.substr(0, 500));
  CHECK(media::state_of_still(still, digest('3')) == StillState::outdated);
  write(still, std::string(500, '\0'));
  CHECK(media::state_of_still(still, digest('3')) == StillState::outdated);
  write(still, "");
  CHECK(media::state_of_still(still, digest('3')) == StillState::outdated);
  write(still, std::string(200'000, '\0'));
  CHECK(media::state_of_still(still, digest('3')) == StillState::outdated);
  for (std::string const& other :
       {std::string{"notes"}, stills->poster.substr(0, 20) + "\xFF\xFE", std::string(200, 'x'),
        stills->poster.substr(0, 20) + "\xFF\xFE\0\x10 of another", std::string(200'000, '\0') + "raw"}) {
    write(still, other);
    CHECK(media::state_of_still(still, digest('3')) == StillState::foreign);
  }
  fs::remove(still);
  fs::create_directory(still);
  CHECK(media::state_of_still(still, digest('3')) == StillState::foreign);
  fs::remove(still);
  fs::path const elsewhere = studio.folder / "elsewhere.jpg";
  fs::create_symlink(elsewhere, still);
  CHECK(media::state_of_still(still, digest('3')) == StillState::foreign);
  write(elsewhere, stills->poster);
  CHECK(media::state_of_still(still, digest('3')) == StillState::foreign);
  errno = 0;
  CHECK(media::state_of_still(elsewhere / "a.poster.jpg", digest('3')) == StillState::unreadable);
  CHECK(errno == ENOTDIR);
  CHECK(media::state_of_still(studio.folder / (std::string(250, 'a') + ".poster.jpg"), digest('3')) ==
        StillState::unreadable);
  CHECK(errno == ENAMETOOLONG);
}

TEST_CASE("stills: they bear the clip's name") {
  CHECK(poster_of("out/a.b~2.mp4") == "out/a.b~2.poster.jpg");
  CHECK(filmstrip_of("out/a.b~2.mp4") == "out/a.b~2.filmstrip.jpg");
}
