#include "tools/local_gateway/camera.hpp"

#include "tools/local_gateway/prompt_words.hpp"

#include <array>

#include <fmt/format.h>

namespace callsheet::local_gateway {

namespace {

CameraMove asked_move(std::string_view prompt) {
  if (mentions(prompt, {"pan left", "pans left", "panning left", "track left", "tracks left"}))
    return {1.20, 1.20, 0.95, 0.05, 0.5, 0.5};
  if (mentions(prompt, {"pan", "pans", "panning", "track right", "tracking", "sweep"}) &&
      !mentions(prompt, {"panorama", "panel", "pants", "panda"}))
    return {1.20, 1.20, 0.05, 0.95, 0.5, 0.5};
  if (mentions(prompt, {"tilt down", "tilts down", "crane down", "lower"}))
    return {1.20, 1.20, 0.5, 0.5, 0.05, 0.95};
  if (mentions(prompt, {"tilt", "tilts", "crane", "rise", "rising"}))
    return {1.20, 1.20, 0.5, 0.5, 0.95, 0.05};
  if (mentions(prompt,
               {"pull back", "pulls back", "pull out", "zoom out", "zooms out", "dolly out", "reveal"}))
    return {1.26, 1.0, 0.5, 0.5, 0.5, 0.5};
  if (mentions(prompt, {"push", "zoom", "dolly", "close-up", "closer", "toward"}))
    return {1.0, 1.24, 0.5, 0.5, 0.5, 0.46};
  if (mentions(prompt, {"orbit", "circle", "around"})) return {1.10, 1.18, 0.15, 0.85, 0.5, 0.42};
  if (mentions(prompt, {"static", "locked", "still camera", "fixed camera"})) return {1.03, 1.03};
  switch (seed_of(prompt) % 4) {  // a drift
    case 0:
      return {1.04, 1.12, 0.4, 0.6, 0.5, 0.45};
    case 1:
      return {1.04, 1.12, 0.6, 0.4, 0.5, 0.45};
    case 2:
      return {1.12, 1.05, 0.35, 0.65, 0.45, 0.5};
    default:
      return {1.12, 1.05, 0.65, 0.35, 0.45, 0.5};
  }
}

/// Between two values, eased at both ends: `p` is an expression for 0..1.
std::string between(double from, double to) {
  return fmt::format("({:.4f}+({:.4f})*ld(0))", from, to - from);
}

}  // namespace

CameraMove camera_move(std::string_view prompt, int shot) {
  static constexpr std::array closer{1.0, 1.32, 1.16, 1.5, 1.24, 1.4};
  static constexpr std::array sideways{0.0, -0.16, 0.18, 0.1, -0.2, 0.0};
  std::size_t const which = static_cast<std::size_t>(shot) % closer.size();
  CameraMove move = asked_move(prompt);
  move.zoom_from *= closer[which];
  move.zoom_to *= closer[which];
  move.x_from += sideways[which];
  move.x_to += sideways[which];
  return move;
}

CameraMove still_camera() {
  return {1.0, 1.0};
}

std::string zoompan(CameraMove const& move, int frames, int width, int height) {
  // ld(0) is the eased share of the way, set in `z`, which zoompan evaluates first for each frame.
  std::string const way =
      fmt::format("st(1,min(on/{},1));st(0,0.5*ld(1)+0.5*ld(1)*ld(1)*(3-2*ld(1)))", frames - 1);
  std::string const again = way + ";";
  return fmt::format(
      "zoompan=z='{0}{1}':x='{0}(iw-iw/zoom)*clip({2},0,1)':y='{0}(ih-ih/"
      "zoom)*clip({3},0,1)':d={4}:s={5}x{6}:fps=24",
      again, between(move.zoom_from, move.zoom_to), between(move.x_from, move.x_to),
      between(move.y_from, move.y_to), frames, width, height);
}

}  // namespace callsheet::local_gateway
