#include "tools/local_gateway/model_rules.hpp"

#include <algorithm>
#include <iterator>

namespace callsheet::local_gateway {

namespace {

constexpr std::string_view wide_tall_square = "16:9 9:16 1:1";
constexpr std::string_view five_ratios = "16:9 9:16 1:1 4:3 3:4";
constexpr std::string_view six_ratios = "16:9 9:16 1:1 4:3 3:4 21:9";
constexpr std::string_view minimax_ratios = "16:9 21:9 4:3 1:1 3:4 9:16";
constexpr std::string_view happyhorse_ratios = "16:9 9:16 1:1 4:3 3:4 4:5 5:4 9:21 21:9";
constexpr std::string_view grok_ratios = "16:9 9:16 1:1 3:2 2:3 4:3 3:4";

// ---- how the models of a family differ

constexpr ModelRules from_text(ModelRules rules, std::string_view name, std::string_view ratios) {
  rules.name = name;
  rules.ratios = ratios;
  return rules;
}

constexpr ModelRules from_frames(ModelRules rules, std::string_view name, FrameRule frames,
                                 PromptRule prompt = PromptRule::required, std::string_view ratios = "") {
  rules.name = name;
  rules.frames = frames;
  rules.frame_required = true;
  rules.prompt = prompt;
  rules.ratios = ratios;
  return rules;
}

constexpr ModelRules from_references(ModelRules rules, std::string_view name, std::size_t most,
                                     std::string_view ratios) {
  rules.name = name;
  rules.references_min = 1;
  rules.references_max = most;
  rules.ratios = ratios;
  return rules;
}

constexpr ModelRules at(ModelRules rules, std::string_view qualities) {
  rules.qualities = qualities;
  return rules;
}

constexpr ModelRules pictures_cost(ModelRules rules, std::int64_t uc, std::size_t free) {
  rules.image_uc = uc;
  rules.images_free = free;
  return rules;
}

constexpr ModelRules with_elements(ModelRules rules, int most, ElementSource of = ElementSource::any) {
  rules.elements_max = most;
  rules.elements_of = of;
  return rules;
}

/// References are enough, or a frame, or both.
constexpr ModelRules from_any_picture(ModelRules rules, std::string_view name, std::size_t most) {
  rules = from_frames(rules, name, FrameRule::start_and_end, PromptRule::required, wide_tall_square);
  rules.frame_required = false;
  rules.references_max = most;
  rules.any_picture_required = true;
  return rules;
}

/// From a text alone, or from frames.
constexpr ModelRules from_text_or_frames(ModelRules rules, std::string_view name, FrameRule frames,
                                         std::string_view ratios) {
  rules = from_frames(rules, name, frames, PromptRule::required, ratios);
  rules.frame_required = false;
  return rules;
}

constexpr ModelRules from_video(ModelRules rules, std::string_view name, int least_seconds,
                                int most_seconds) {
  rules.name = name;
  rules.video_seconds_min = least_seconds;
  rules.video_seconds_max = most_seconds;
  return rules;
}

// ---- what they have in common

constexpr ModelRules kling_v3{.has_negative_prompt = true,
                              .qualities = "720p 1080p 4k",
                              .sound = SoundRule::on_off,
                              .shots = ShotRule::customize_or_intelligence,
                              .has_watermark = true};
constexpr ModelRules kling_o3{.qualities = "720p 1080p 4k",
                              .sound = SoundRule::on_off,
                              .shots = ShotRule::customize,
                              .has_watermark = true};
constexpr ModelRules kling_o3_with_video{.references_max = 4,
                                         .elements_max = 4,
                                         .has_watermark = true,
                                         .video = VideoField::single,
                                         .keep_sound = KeepSound::keep_original_sound};
constexpr ModelRules kling_motion{.prompt = PromptRule::optional,
                                  .references_min = 1,
                                  .references_max = 1,
                                  .has_watermark = true,
                                  .video = VideoField::list,
                                  .video_seconds_max = 30,
                                  .video_seconds_facing_image = 10,
                                  .keep_sound = KeepSound::in_model_params,
                                  .has_orientation = true,
                                  .reserve = Reserve::input_nearest};
constexpr ModelRules kling_o1_edit{.prompt_max = 5000,
                                   .references_max = 4,
                                   .takes_webp = true,
                                   .qualities = "",
                                   .video = VideoField::list,
                                   .keep_sound = KeepSound::keep_original_sound,
                                   .reserve = Reserve::input_hundredths};
constexpr ModelRules seedance_2{.prompt_max = 10'000,
                                .image_bytes_max = 30 * mib,
                                .takes_webp = true,
                                .qualities = "720p 480p 1080p 4k",
                                .seconds_min = 4,
                                .sound = SoundRule::generate_audio};
constexpr ModelRules seedance_2_5{.prompt_max = 10'000,
                                  .image_bytes_max = 30 * mib,
                                  .takes_webp = true,
                                  .qualities = "720p 480p 1080p",
                                  .seconds_min = 4,
                                  .seconds_max = 30,
                                  .sound = SoundRule::generate_audio};
constexpr ModelRules minimax_h3{.prompt_max = 7000,
                                .image_bytes_max = 30 * mib,
                                .image_side_min = 256,
                                .takes_webp = true,
                                .qualities = "768p 2k",
                                .seconds_min = 4};
constexpr ModelRules minimax_h3_max{.prompt_max = 7000,
                                    .image_bytes_max = 30 * mib,
                                    .image_side_min = 256,
                                    .takes_webp = true,
                                    .qualities = "768p 480p",
                                    .seconds_min = 5};
constexpr ModelRules happyhorse{.prompt_max = 5000, .takes_webp = true};
constexpr ModelRules happyhorse_references{.prompt_max = 5000, .image_side_min = 400, .takes_webp = true};
constexpr ModelRules grok{.prompt_max = 4096,
                          .image_side_min = 1,
                          .image_ratio_max = 100,
                          .takes_webp = true,
                          .qualities = "480p 720p",
                          .seconds_min = 1};
constexpr ModelRules sora{.prompt_max = 5000, .seconds_only = {4, 8, 12}};
constexpr ModelRules veo{.prompt_max = 2000,
                         .has_negative_prompt = true,
                         .qualities = "720p 1080p 4k",
                         .seconds_only = {4, 6, 8},
                         .sound = SoundRule::generate_audio};
constexpr ModelRules wan_2_5{.prompt_max = 2000,
                             .image_side_min = 360,
                             .image_ratio_max = 56,
                             .takes_webp = true,
                             .qualities = "720p 480p 1080p",
                             .seconds_only = {5, 10}};
constexpr ModelRules wan_2_6{
    .prompt_max = 1500, .image_side_min = 360, .image_ratio_max = 56, .takes_webp = true, .seconds_min = 2};
constexpr ModelRules wan_2_6_flash{.prompt_max = 1500,
                                   .image_side_min = 360,
                                   .image_ratio_max = 56,
                                   .takes_webp = true,
                                   .seconds_min = 2,
                                   .sound = SoundRule::generate_audio};
constexpr ModelRules wan_2_7{.prompt_max = 5000,
                             .has_negative_prompt = true,
                             .image_bytes_max = 20 * mib,
                             .image_side_min = 240,
                             .image_ratio_max = 80,
                             .takes_webp = true,
                             .seconds_min = 2,
                             .sound = SoundRule::always};
constexpr ModelRules wan_3{.prompt_max = 20'000,
                           .image_bytes_max = 20 * mib,
                           .image_side_min = 240,
                           .image_ratio_max = 80,
                           .takes_webp = true,
                           .qualities = "720p 480p 1080p",
                           .seconds_min = 2,
                           .seconds_max = 30,
                           .sound = SoundRule::generate_audio};

constexpr ModelRules models[] = {
    from_text(kling_v3, "kling-v3-text-to-video", wide_tall_square),
    from_frames(with_elements(kling_v3, 3, ElementSource::images), "kling-v3-image-to-video",
                FrameRule::start_and_end, PromptRule::optional),
    from_text({}, "kling-v3-turbo-text-to-video", wide_tall_square),
    from_frames({.image_bytes_max = 50 * mib}, "kling-v3-turbo-image-to-video", FrameRule::start,
                PromptRule::optional),
    from_text(with_elements(kling_o3, 7), "kling-o3-text-to-video", wide_tall_square),
    from_any_picture(with_elements(kling_o3, 3), "kling-o3-image-to-video", 7),
    [] {
      ModelRules rules = from_text(kling_o3_with_video, "kling-o3-reference-to-video", wide_tall_square);
      rules.seconds_max = 10;
      return rules;
    }(),
    [] {
      ModelRules rules = from_video(kling_o3_with_video, "kling-o3-video-edit", 3, 0);
      rules.reserve = Reserve::input_up;
      return rules;
    }(),
    from_video(with_elements(kling_motion, 1, ElementSource::video), "kling-v3-motion-control", 3, 30),
    from_video(kling_motion, "kling-v2.6-motion-control", 3, 30),
    from_frames({.prompt_max = 5000, .takes_webp = true, .qualities = "", .seconds_only = {5, 10}},
                "kling-o1-image-to-video", FrameRule::two_in_list, PromptRule::required, wide_tall_square),
    from_video(kling_o1_edit, "kling-o1-video-edit", 3, 10),
    from_video(kling_o1_edit, "kling-o1-video-edit-fast", 6, 20),
    {.name = "kling-custom-element", .video_seconds_min = 0, .video_seconds_max = 8, .makes_elements = true},

    from_text_or_frames({.prompt_max = 2000,
                         .image_side_min = 1,
                         .image_ratio_max = 100,
                         .takes_webp = true,
                         .qualities = "1080p 720p 480p",
                         .seconds_min = 2,
                         .seconds_max = 12},
                        "doubao-seedance-1.0-pro-fast", FrameRule::one_in_list, six_ratios),
    from_text_or_frames({.prompt_max = 2000,
                         .takes_webp = true,
                         .qualities = "720p 480p 1080p",
                         .seconds_min = 4,
                         .seconds_max = 12,
                         .sound = SoundRule::generate_audio},
                        "seedance-1.5-pro", FrameRule::two_in_list, six_ratios),
    from_text(seedance_2, "seedance-2.0-text-to-video", six_ratios),
    from_frames(seedance_2, "seedance-2.0-image-to-video", FrameRule::two_in_list, PromptRule::required,
                six_ratios),
    from_references(seedance_2, "seedance-2.0-reference-to-video", 9, six_ratios),
    from_text(at(seedance_2, "720p 480p"), "seedance-2.0-fast-text-to-video", six_ratios),
    from_frames(at(seedance_2, "720p 480p"), "seedance-2.0-fast-image-to-video", FrameRule::two_in_list,
                PromptRule::required, six_ratios),
    from_references(at(seedance_2, "720p 480p"), "seedance-2.0-fast-reference-to-video", 9, six_ratios),
    from_text(at(seedance_2, "720p 480p"), "seedance-2.0-mini-text-to-video", six_ratios),
    from_frames(at(seedance_2, "720p 480p"), "seedance-2.0-mini-image-to-video", FrameRule::two_in_list,
                PromptRule::required, six_ratios),
    from_references(at(seedance_2, "720p 480p"), "seedance-2.0-mini-reference-to-video", 9, six_ratios),
    from_text(seedance_2_5, "seedance-2.5-text-to-video", six_ratios),
    from_frames(seedance_2_5, "seedance-2.5-image-to-video", FrameRule::two_in_list),
    from_references(seedance_2_5, "seedance-2.5-reference-to-video", 30, six_ratios),

    from_text(minimax_h3, "minimax-h3-text-to-video", minimax_ratios),
    from_frames(minimax_h3, "minimax-h3-image-to-video", FrameRule::start_and_end),
    from_references(pictures_cost(minimax_h3, 25'840, 5), "minimax-h3-reference-to-video", 9, minimax_ratios),
    from_text(minimax_h3_max, "minimax-h3-max-text-to-video", minimax_ratios),
    from_frames(minimax_h3_max, "minimax-h3-max-image-to-video", FrameRule::start_and_end),
    from_references(pictures_cost(minimax_h3_max, 47'804, 2), "minimax-h3-max-reference-to-video", 9,
                    minimax_ratios),
    from_text(minimax_h3_max, "minimax-h3-max-turbo-text-to-video", minimax_ratios),
    from_frames(minimax_h3_max, "minimax-h3-max-turbo-image-to-video", FrameRule::start_and_end),

    from_text(happyhorse, "happyhorse-1.0-text-to-video", happyhorse_ratios),
    from_frames(happyhorse, "happyhorse-1.0-image-to-video", FrameRule::one_in_list, PromptRule::optional),
    from_references(happyhorse_references, "happyhorse-1.0-reference-to-video", 9, happyhorse_ratios),
    from_text(happyhorse, "happyhorse-1.1-text-to-video", happyhorse_ratios),
    from_frames(happyhorse, "happyhorse-1.1-image-to-video", FrameRule::one_in_list, PromptRule::optional),
    from_references(happyhorse_references, "happyhorse-1.1-reference-to-video", 9, happyhorse_ratios),

    from_text(grok, "grok-imagine-video-1.0-t2v", grok_ratios),
    from_frames(pictures_cost(grok, 952, 0), "grok-imagine-video-1.0-i2v", FrameRule::one_in_list,
                PromptRule::required, grok_ratios),
    from_text_or_frames(pictures_cost(at(grok, "480p 720p 1080p"), 4'760, 0),
                        "grok-imagine-video-1.5-preview", FrameRule::one_in_list, ""),

    from_text(at(sora, ""), "sora-2-preview", "16:9 9:16"),
    from_text(sora, "sora-2-pro-preview", "16:9 9:16"),
    from_text(veo, "veo-3.1-generate-preview", "16:9 9:16"),
    from_text(veo, "veo-3.1-fast-generate-preview", "16:9 9:16"),

    from_text(wan_2_5, "wan2.5-text-to-video", wide_tall_square),
    from_frames(wan_2_5, "wan2.5-image-to-video", FrameRule::one_in_list),
    from_text(wan_2_6, "wan2.6-text-to-video", five_ratios),
    from_frames(wan_2_6, "wan2.6-image-to-video", FrameRule::one_in_list),
    from_frames(wan_2_6_flash, "wan2.6-image-to-video-flash", FrameRule::one_in_list),
    from_text(wan_2_7, "wan2.7-text-to-video", five_ratios),
    from_frames(wan_2_7, "wan2.7-image-to-video", FrameRule::start_and_end, PromptRule::optional),
    from_references(wan_2_7, "wan2.7-reference-video", 5, five_ratios),
    from_text(wan_3, "wan3.0-text-to-video", five_ratios),
    from_frames(wan_3, "wan3.0-image-to-video", FrameRule::start_and_end, PromptRule::optional, five_ratios),
    from_references(wan_3, "wan3.0-reference-video", 10, five_ratios),
    from_text(wan_3, "wan3.0-prime-text-to-video", five_ratios),
    from_frames(wan_3, "wan3.0-prime-image-to-video", FrameRule::start_and_end, PromptRule::optional,
                five_ratios),
    from_references(wan_3, "wan3.0-prime-reference-video", 10, five_ratios),
};

}  // namespace

ModelRules const* find_model(std::string_view name) {
  auto const* const found =
      std::find_if(std::begin(models), std::end(models), [&](ModelRules const& m) { return m.name == name; });
  return found == std::end(models) ? nullptr : found;
}

}  // namespace callsheet::local_gateway
