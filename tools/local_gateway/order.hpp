#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A create request the gateway has understood and accepted. Deliberately not callsheet's own Request: the
/// local gateway reads EvoLink's JSON with its own eyes (design.md section 7).
namespace callsheet::local_gateway {

enum class Resolution { p720, p1080, k4 };
enum class Shape { wide, tall, square, first_frame };  ///< 16:9, 9:16, 1:1, as the first frame

struct OrderedShot {
  std::string prompt;
  int seconds = 0;
};

struct Order {
  std::string model;
  std::string prompt;
  std::string image_start;  ///< URL, empty: none
  std::string image_end;
  std::vector<std::string> image_urls;  ///< references, not frames
  int seconds = 5;
  Resolution resolution = Resolution::p720;
  bool sound = false;
  Shape shape = Shape::wide;
  std::vector<OrderedShot> shots;  ///< more than none: customised multi-shot
  bool watermark = false;
};

}  // namespace callsheet::local_gateway
