#pragma once

#include <string>
#include <string_view>

namespace callsheet::local_gateway {

/// How the virtual camera moves over a still picture: zoom and the centre of view (0..1 of what room there
/// is), from the first to the last frame.
struct CameraMove {
  double zoom_from = 1.06, zoom_to = 1.12;
  double x_from = 0.5, x_to = 0.5;
  double y_from = 0.5, y_to = 0.5;
};

/// The move a prompt asks for ("push in", "pan left", "tilt up", ...), else a slow drift. `shot` counts from
/// 0: later shots of one picture are framed closer and elsewhere, so that a cut can be seen.
[[nodiscard]] CameraMove camera_move(std::string_view prompt, int shot);

/// No move at all: the whole picture.
[[nodiscard]] CameraMove still_camera();

/// FFmpeg's zoompan filter for `frames` frames of that size.
[[nodiscard]] std::string zoompan(CameraMove const& move, int frames, int width, int height);

}  // namespace callsheet::local_gateway
