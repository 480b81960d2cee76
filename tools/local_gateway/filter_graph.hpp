#pragma once

#include "tools/local_gateway/camera.hpp"
#include "tools/local_gateway/frame_size.hpp"

#include <string>
#include <vector>

namespace callsheet::local_gateway {

/// One shot of an animatic: a picture, how the camera moves over it, and for how long.
struct Segment {
  CameraMove move;
  int seconds = 0;
  std::string label;    ///< "SHOT 1/3   2 s"
  std::string caption;  ///< one line, cut to fit
};

struct Film {
  FrameSize size;
  std::vector<Segment> segments;  ///< input k of ffmpeg is the picture of segment k
  bool from_video = false;        ///< then input 0 is a video that one segment shows
  bool inset = false;             ///< of that video: input 1 is a picture for its corner
  bool end_frame = false;         ///< the input after the segments' is faded to over the last second
  bool captions = true;
  bool watermark = false;
  bool sound = false;
  std::uint32_t sound_seed = 0;

  [[nodiscard]] int seconds() const;
};

constexpr int frames_per_second = 24;

/// FFmpeg's filter graph with the outputs [v] and, with sound, [a]. Texts are not in it: it names the files
/// label0.txt, caption0.txt, ... and clock.txt in ffmpeg's folder, so that no prompt can be read as syntax.
[[nodiscard]] std::string filter_graph(Film const& film);

/// What clock.txt must hold: the running time, in the drawtext filter's own words.
[[nodiscard]] std::string clock_text();

/// A prompt as one printable line that fits the film's width.
[[nodiscard]] std::string caption_line(std::string_view prompt, FrameSize const& size);

/// Captions need this font; without it they are left out.
[[nodiscard]] bool caption_font_installed();

}  // namespace callsheet::local_gateway
