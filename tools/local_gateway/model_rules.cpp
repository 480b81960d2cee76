#include "tools/local_gateway/model_rules.hpp"

#include <algorithm>
#include <array>

namespace callsheet::local_gateway {

namespace {

// Name, price class, prompt, images, shots, image bytes, elements, aspect ratio, sound, negative prompt, 4k.
constexpr std::array models{
    ModelRules{"kling-v3-text-to-video", PriceClass::v3, PromptRule::required, ImageRule::none,
               ShotRule::customize_or_intelligence, 10 * mib, 0, true, true, true, true},
    ModelRules{"kling-v3-image-to-video", PriceClass::v3, PromptRule::optional,
               ImageRule::first_frame_required, ShotRule::customize_or_intelligence, 10 * mib, 3, false, true,
               true, true},
    ModelRules{"kling-v3-turbo-text-to-video", PriceClass::turbo, PromptRule::required, ImageRule::none,
               ShotRule::none, 10 * mib, 0, true, false, false, false},
    ModelRules{"kling-v3-turbo-image-to-video", PriceClass::turbo, PromptRule::optional,
               ImageRule::first_frame_required, ShotRule::none, 50 * mib, 0, false, false, false, false},
    ModelRules{"kling-o3-text-to-video", PriceClass::o3, PromptRule::required, ImageRule::none,
               ShotRule::customize, 10 * mib, 7, true, true, false, true},
    ModelRules{"kling-o3-image-to-video", PriceClass::o3, PromptRule::required, ImageRule::any_image_required,
               ShotRule::customize, 10 * mib, 3, true, true, false, true},
};

}  // namespace

ModelRules const* find_model(std::string_view name) {
  auto const* const found =
      std::find_if(models.begin(), models.end(), [&](ModelRules const& m) { return m.name == name; });
  return found == models.end() ? nullptr : found;
}

}  // namespace callsheet::local_gateway
