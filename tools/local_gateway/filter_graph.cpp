#include "tools/local_gateway/filter_graph.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace {

constexpr std::string_view font = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
constexpr std::string_view bold_font = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf";

/// Measures that follow the clip's size.
struct Layout {
  explicit Layout(FrameSize const& size)
      : shorter{std::min(size.width, size.height)},
        margin{shorter / 30},
        small{shorter / 45},
        large{shorter / 34},
        strip{small + large + margin * 3 / 2} {}
  int shorter, margin, small, large, strip;
};

/// Pictures are enlarged before the camera moves over them: zoompan steps by whole pixels, which would
/// tremble.
double enlargement(FrameSize const& size) {
  int const shorter = std::min(size.width, size.height);
  return shorter <= 720 ? 2.0 : shorter <= 1080 ? 1.5 : 1.25;
}

int even(double pixels) {
  return static_cast<int>(pixels / 2) * 2;
}

/// Fills the frame whatever the picture's ratio is, cropping the middle. 4:4:4, since zoompan rounds its
/// steps to whole chroma samples.
std::string cover(FrameSize const& size) {
  double const factor = enlargement(size);
  int const width = even(size.width * factor);
  int const height = even(size.height * factor);
  return fmt::format(
      "scale={0}:{1}:force_original_aspect_ratio=increase:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
      "crop={0}:{1},setsar=1,format=yuv444p",
      width, height);
}

/// A dark strip along the bottom: shot and length above, the prompt below, the running time at the right.
std::string captions(Film const& film, Layout const& layout) {
  int const hairline = std::max(1, layout.shorter / 360);
  std::string filters = fmt::format(
      ",drawbox=x=0:y=ih-{0}:w=iw:h={0}:color=0x0b0e14@0.6:t=fill"
      ",drawbox=x=0:y=ih-{0}:w=iw:h={1}:color=0xffc857@0.85:t=fill",
      layout.strip, hairline);
  int begin = 0;
  for (std::size_t i = 0; i < film.segments.size(); ++i) {
    int const end = begin + film.segments[i].seconds;
    std::string const shown = fmt::format("enable='gte(t,{})*lt(t,{})'", begin, end);
    filters += fmt::format(
        ",drawtext=fontfile={}:textfile=label{}.txt:expansion=none:fontsize={}:fontcolor=0xffc857"
        ":x={}:y=h-{}+{}:{}",
        bold_font, i, layout.small, layout.margin, layout.strip, layout.margin / 2, shown);
    filters += fmt::format(
        ",drawtext=fontfile={}:textfile=caption{}.txt:expansion=none:fontsize={}:fontcolor=white@0.95"
        ":x={}:y=h-{}+{}:{}",
        font, i, layout.large, layout.margin, layout.strip, layout.margin * 3 / 4 + layout.small, shown);
    begin = end;
  }
  return filters + fmt::format(
                       ",drawtext=fontfile={}:textfile=clock.txt:expansion=normal:fontsize={}"
                       ":fontcolor=white@0.75:x=w-{}:y=h-{}+{}",
                       font, layout.small, layout.margin + layout.small * 4, layout.strip, layout.margin / 2);
}

std::string watermark(Layout const& layout) {
  return fmt::format(
      ",drawtext=fontfile={}:text=callsheet:fontsize={}:fontcolor=white@0.5:shadowcolor=black@0.4"
      ":shadowx=1:shadowy=1:x=w-tw-{}:y={}",
      bold_font, layout.large, layout.margin, layout.margin);
}

/// A quiet open chord that swells slowly, over a breath of filtered noise.
std::string sound_bed(Film const& film) {
  static constexpr std::array<std::array<double, 3>, 4> chords{{{130.81, 196.00, 329.63},
                                                                {146.83, 220.00, 349.23},
                                                                {110.00, 164.81, 261.63},
                                                                {123.47, 185.00, 293.66}}};
  auto const& chord = chords[film.sound_seed % chords.size()];
  int const seconds = film.seconds();
  auto const voice = [&](double shift) {
    std::string sum;
    for (std::size_t i = 0; i < chord.size(); ++i)
      sum += fmt::format("{}0.03*sin(2*PI*{:.2f}*t)*(0.7+0.3*sin(2*PI*{:.3f}*t+{:.2f}))", i == 0 ? "" : "+",
                         chord[i] + shift, 0.11 + 0.05 * static_cast<double>(i),
                         shift * 9 + static_cast<double>(i));
    return sum;
  };
  return fmt::format(
      ";aevalsrc=exprs='{}|{}':s=48000:d={}:c=stereo[chord]"
      ";anoisesrc=c=pink:a=0.012:r=48000:d={}:seed={},lowpass=f=900,aformat=channel_layouts=stereo[air]"
      ";[chord][air]amix=inputs=2:normalize=0,afade=t=in:d=0.5,afade=t=out:st={:.2f}:d=0.8,atrim=0:{}[a]",
      voice(0), voice(0.35), seconds, seconds, film.sound_seed % 10'000, seconds - 0.8, seconds);
}

/// A video in the clip's size, as long as the clip: what is beyond is cut, what is missing stands still.
std::string screening(Film const& film, Layout const& layout) {
  std::string graph = fmt::format(
      "[0:v]scale={0}:{1}:force_original_aspect_ratio=increase:flags=bicubic:out_color_matrix=bt709:out_range=tv,"
      "crop={0}:{1},setsar=1,fps={2},tpad=stop_mode=clone:stop_duration={3},trim=duration={3},"
      "setpts=PTS-STARTPTS,format=yuv444p[{4}]",
      film.size.width, film.size.height, frames_per_second, film.seconds(), film.inset ? "screen" : "s0");
  if (film.inset)
    graph += fmt::format(
        ";[1:v]scale=-2:{0},setsar=1,format=yuv444p[inset];[screen][inset]overlay=W-w-{1}:{1}[s0]",
        layout.shorter / 4 / 2 * 2, layout.margin);
  return graph + ";";
}

}  // namespace

int Film::seconds() const {
  return std::accumulate(segments.begin(), segments.end(), 0,
                         [](int sum, Segment const& s) { return sum + s.seconds; });
}

bool caption_font_installed() {
  std::error_code ignored;
  return std::filesystem::exists(font, ignored) && std::filesystem::exists(bold_font, ignored);
}

std::string clock_text() {
  return "%{eif:floor(t):d}.%{eif:mod(floor(t*10),10):d} s";
}

std::string caption_line(std::string_view prompt, FrameSize const& size) {
  Layout const layout{size};
  auto const room = static_cast<std::size_t>((size.width - 2 * layout.margin) / (layout.large * 0.56));
  std::string line;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    auto const byte = static_cast<unsigned char>(prompt[i]);
    bool const begins = (byte & 0xc0) != 0x80;
    if (begins && ++characters > room) {
      std::size_t const space = line.rfind(' ');
      if (space != std::string::npos && space > line.size() / 2) line.resize(space);
      return line + "…";
    }
    line.push_back(byte < 0x20 || byte == 0x7f ? ' ' : prompt[i]);
  }
  return line;
}

std::string filter_graph(Film const& film) {
  Layout const layout{film.size};
  std::string graph;
  std::string joined;
  if (film.from_video) graph += screening(film, layout);
  for (std::size_t i = 0; i < film.segments.size() && !film.from_video; ++i) {
    Segment const& segment = film.segments[i];
    graph += fmt::format(
        "[{0}:v]{1},{2}[s{0}];", i, cover(film.size),
        zoompan(segment.move, segment.seconds * frames_per_second, film.size.width, film.size.height));
    joined += fmt::format("[s{}]", i);
  }
  if (film.end_frame) {
    graph +=
        fmt::format("[{}:v]{},{}[end];", film.segments.size(), cover(film.size),
                    zoompan(still_camera(), frames_per_second * 3 / 2, film.size.width, film.size.height));
    graph += fmt::format("[s0][end]xfade=transition=fade:duration=1:offset={}", film.seconds() - 1);
  } else {
    graph += film.segments.size() == 1 || film.from_video
                 ? "[s0]null"
                 : fmt::format("{}concat=n={}", joined, film.segments.size());
  }
  if (film.captions && caption_font_installed()) graph += captions(film, layout);
  if (film.watermark && caption_font_installed()) graph += watermark(layout);
  graph += ",format=yuv420p[v]";
  if (film.sound) graph += sound_bed(film);
  return graph;
}

}  // namespace callsheet::local_gateway
