#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callsheet::local_gateway {

inline constexpr std::uint64_t mib = 1024 * 1024;

enum class PromptRule { required, optional };
/// Where a first and last frame go: fields of their own, or the beginning of image_urls.
enum class FrameRule { none, start, start_and_end, one_in_list, two_in_list };
enum class ShotRule { none, customize, customize_or_intelligence };
/// `sound: on|off`, `generate_audio: true|false` (true by itself), or no such field: silent, or with a sound
/// of the model's own.
enum class SoundRule { none, on_off, generate_audio, always };
/// `video_url`, or `video_urls` with exactly one.
enum class VideoField { none, single, list };
enum class KeepSound { none, keep_original_sound, in_model_params };
/// What elements a model takes were made of.
enum class ElementSource { any, images, video };
/// What the seconds are that are reserved (gateway-api.md section 10).
enum class Reserve { requested, input_nearest, input_up, input_hundredths };

/// What is documented for one model. Sources: gateway-api.md section 4, for other families EvoLink's
/// parameter index (evolink-mcp, commit 48a8fe9a).
struct ModelRules {
  std::string_view name = {};
  PromptRule prompt = PromptRule::required;
  std::size_t prompt_max = 2500;
  bool has_negative_prompt = false;
  FrameRule frames = FrameRule::none;
  bool frame_required = false;
  std::size_t references_min = 0;  ///< image_urls that are no frames
  std::size_t references_max = 0;
  bool any_picture_required = false;  ///< a frame or a reference
  std::uint64_t image_bytes_max = 10 * mib;
  int image_side_min = 300;
  int image_ratio_max = 25;  ///< wide to high and high to wide, in tenths
  bool takes_webp = false;
  std::string_view qualities = "720p 1080p";  ///< the first by itself; empty: no such field
  std::string_view ratios = "";               ///< the first by itself; empty: no such field
  int seconds_min = 3;
  int seconds_max = 15;
  std::array<int, 3> seconds_only{};  ///< where not every whole second is made
  SoundRule sound = SoundRule::none;
  ShotRule shots = ShotRule::none;
  int elements_max = 0;  ///< 0: no element_list
  ElementSource elements_of = ElementSource::any;
  bool has_watermark = false;  ///< model_params.watermark_info
  VideoField video = VideoField::none;
  int video_seconds_min = 3;
  int video_seconds_max = 0;           ///< 0: not stated
  int video_seconds_facing_image = 0;  ///< the longest with character_orientation image
  KeepSound keep_sound = KeepSound::none;
  bool has_orientation = false;  ///< model_params.character_orientation, required
  Reserve reserve = Reserve::requested;
  std::int64_t image_uc = 0;  ///< for each picture beyond `images_free`
  std::size_t images_free = 0;
  bool makes_elements = false;  ///< elements in the place of clips: only model_params

  /// Its clips are as long as the video.
  [[nodiscard]] bool follows_video() const { return reserve != Reserve::requested; }
};

/// Null when the gateway does not offer that model.
[[nodiscard]] ModelRules const* find_model(std::string_view name);

}  // namespace callsheet::local_gateway
