#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// A create request the gateway has understood and accepted. Deliberately not callsheet's own Request: the
/// local gateway reads EvoLink's JSON with its own eyes (design.md section 7).
namespace callsheet::local_gateway {

/// Wide to high.
struct Ratio {
  int width = 16;
  int height = 9;
};

struct OrderedShot {
  std::string prompt;
  int seconds = 0;
};

/// A character or object that is to be made, for later requests to refer to (gateway-api.md section 4.9).
struct OrderedElement {
  std::string name;
  std::string description;
};

struct Order {
  std::string model;
  std::string prompt;
  std::string image_start;  ///< URL, empty: none
  std::string image_end;
  std::vector<std::string> image_urls;                    ///< references, not frames
  std::string video;                                      ///< URL, empty: none
  std::optional<std::chrono::milliseconds> video_length;  ///< of `video`, once it is known
  bool facing_image = false;     ///< motion control: as in the picture, which bounds the video's length
  int seconds = 5;               ///< of the clip
  std::string quality = "720p";  ///< empty: the model has no such field
  bool sound = false;
  std::optional<Ratio> ratio;      ///< empty: as the first frame, or the video
  std::vector<OrderedShot> shots;  ///< more than none: customised multi-shot
  bool watermark = false;
  std::string callback;                   ///< URL to call when the task has ended, empty: none
  std::vector<std::string> element_ids;   ///< that the clip shows
  std::optional<OrderedElement> element;  ///< what is made, in the place of a clip
};

}  // namespace callsheet::local_gateway
