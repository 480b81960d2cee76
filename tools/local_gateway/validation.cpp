#include "tools/local_gateway/validation.hpp"

#include "tools/local_gateway/json_fields.hpp"
#include "tools/local_gateway/public_url.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

constexpr std::size_t prompt_characters_max = 2500;
constexpr std::size_t shot_prompt_characters_max = 512;
constexpr std::size_t shots_max = 6;
constexpr int seconds_min = 3;
constexpr int seconds_max = 15;
constexpr std::size_t o3_images_and_elements_max = 7;  // without a video, gateway-api.md 4.6

enum class ShotPlan { single, customize, intelligence };

/// One create request being read; `refusal` holds the first thing that is wrong.
class Reader {
 public:
  Reader(json const& body, ModelRules const& rules) : rules_{rules}, fields_{body, "", refusal_} {}

  tl::expected<Order, Refusal> read() {
    order_.model = std::string{rules_.name};
    known_fields();
    scalars();
    json const* const params = fields_.object("model_params");
    if (params != nullptr) model_params(*params);
    images();
    prompts();
    callback();
    if (refusal_) return tl::unexpected<Refusal>{*refusal_};
    return order_;
  }

 private:
  void known_fields() {
    std::vector<std::string_view> known{"model", "prompt", "duration", "quality", "callback_url"};
    if (rules_.has_sound) known.insert(known.end(), {"sound", "model_params"});
    if (rules_.has_negative_prompt) known.emplace_back("negative_prompt");
    if (rules_.has_aspect_ratio) known.emplace_back("aspect_ratio");
    if (rules_.images != ImageRule::none) known.emplace_back("image_start");
    if (rules_.images != ImageRule::none && rules_.price_class != PriceClass::turbo)
      known.emplace_back("image_end");
    if (rules_.images == ImageRule::any_image_required) known.emplace_back("image_urls");
    fields_.only(known, rules_.name);
  }

  void scalars() {
    order_.seconds = fields_.integer("duration").value_or(5);
    if (order_.seconds < seconds_min || order_.seconds > seconds_max)
      fields_.refuse("duration",
                     fmt::format("duration must be between {} and {} seconds", seconds_min, seconds_max));
    std::vector<std::string_view> qualities{"720p", "1080p"};
    if (rules_.has_4k) qualities.emplace_back("4k");
    order_.resolution = static_cast<Resolution>(fields_.choice("quality", qualities).value_or(0));
    order_.sound = rules_.has_sound && fields_.choice("sound", {"off", "on"}).value_or(0) == 1;
    order_.shape = rules_.images == ImageRule::none ? Shape::wide : Shape::first_frame;
    if (!rules_.has_aspect_ratio) return;
    if (auto const ratio = fields_.choice("aspect_ratio", {"16:9", "9:16", "1:1"}))
      order_.shape = static_cast<Shape>(*ratio);
  }

  void model_params(json const& object) {
    Fields params{object, "model_params.", refusal_};
    std::vector<std::string_view> known{"multi_shot", "shot_type", "multi_prompt", "watermark_info"};
    if (rules_.elements_max > 0) known.emplace_back("element_list");
    params.only(known, rules_.name);
    shots(params);
    elements(params);
    if (json const* const watermark = params.object("watermark_info")) {
      Fields info{*watermark, "model_params.watermark_info.", refusal_};
      info.only({"enabled"}, "watermark_info");
      order_.watermark = info.boolean("enabled").value_or(false);
    }
  }

  void shots(Fields& params) {
    bool const multi_shot = params.boolean("multi_shot").value_or(false);
    std::vector<std::string_view> types{"customize"};
    if (rules_.shots == ShotRule::customize_or_intelligence) types.emplace_back("intelligence");
    std::optional<std::size_t> const type = params.choice("shot_type", types);
    json const* const list = params.array("multi_prompt");
    if (!multi_shot) return;
    if (!type) return params.refuse("shot_type", "shot_type is required when multi_shot is true");
    plan_ = *type == 0 ? ShotPlan::customize : ShotPlan::intelligence;
    if (plan_ == ShotPlan::intelligence) return;
    if (list == nullptr)
      return params.refuse("multi_prompt", "multi_prompt is required when shot_type is customize");
    if (list->empty() || list->size() > shots_max)
      return params.refuse("multi_prompt", fmt::format("multi_prompt must hold 1 to {} shots", shots_max));
    int total = 0;
    for (std::size_t i = 0; i < list->size() && !refusal_; ++i) total += shot((*list)[i], i);
    if (total != order_.seconds)
      params.refuse("multi_prompt", fmt::format("the shots' durations add up to {} s, duration is {} s",
                                                total, order_.seconds));
  }

  /// Adds one shot; the answer is its seconds.
  int shot(json const& item, std::size_t position) {
    std::string const path = fmt::format("model_params.multi_prompt[{}]", position);
    Fields whole{item, path, refusal_};
    if (!item.is_object()) {
      whole.refuse("", path + " must be an object");
      return 0;
    }
    Fields fields{item, path + ".", refusal_};
    fields.only({"index", "prompt", "duration"}, "a shot");
    if (fields.integer("index") != static_cast<int>(position) + 1)
      fields.refuse("index", fmt::format("{}.index must count from 1 in order", path));
    std::optional<std::string> const prompt = fields.text("prompt");
    if (!prompt || prompt->empty()) fields.refuse("prompt", path + ".prompt is required");
    if (prompt && characters_in(*prompt) > shot_prompt_characters_max)
      fields.refuse("prompt",
                    fmt::format("{}.prompt is longer than {} characters", path, shot_prompt_characters_max));
    std::optional<std::string> const duration = fields.text("duration");
    if (!duration) fields.refuse("duration", path + ".duration is required");
    int seconds = 0;
    if (duration) {
      auto const [end, error] =
          std::from_chars(duration->data(), duration->data() + duration->size(), seconds);
      if (error != std::errc{} || end != duration->data() + duration->size() || seconds < 1 ||
          seconds > seconds_max)
        fields.refuse(
            "duration",
            fmt::format("{}.duration must be a whole number of seconds in a string, at least 1", path));
    }
    if (refusal_) return 0;
    order_.shots.push_back({*prompt, seconds});
    return seconds;
  }

  void elements(Fields& params) {
    json const* const list = params.array("element_list");
    if (list == nullptr) return;
    elements_ = list->size();
    if (elements_ > static_cast<std::size_t>(rules_.elements_max))
      return params.refuse("element_list",
                           fmt::format("element_list holds at most {} elements", rules_.elements_max));
    for (std::size_t i = 0; i < list->size() && !refusal_; ++i) {
      std::string const path = fmt::format("model_params.element_list[{}]", i);
      json const& item = (*list)[i];
      Fields fields{item, path + ".", refusal_};
      if (!item.is_object()) return fields.refuse("element_id", path + " must be an object");
      fields.only({"element_id"}, "an element");
      if (fields.text("element_id").value_or("").empty())
        fields.refuse("element_id", path + ".element_id is required");
    }
  }

  std::string url(Fields& fields, std::string_view name) {
    std::string value = fields.text(name).value_or("");
    if (!value.empty() && !is_http_url(value)) fields.refuse(name, fmt::format("{} must be a URL", name));
    return value;
  }

  void images() {
    if (rules_.images == ImageRule::none) return;
    order_.image_start = url(fields_, "image_start");
    if (rules_.price_class != PriceClass::turbo) order_.image_end = url(fields_, "image_end");
    if (rules_.images == ImageRule::first_frame_required && order_.image_start.empty())
      return fields_.refuse("image_start", "image_start is required");
    if (!order_.image_end.empty() && order_.image_start.empty())
      return fields_.refuse("image_end", "image_end needs image_start");
    if (!order_.image_end.empty() && plan_ != ShotPlan::single)
      return fields_.refuse("image_end", "image_end cannot be combined with multi_shot");
    if (rules_.images == ImageRule::any_image_required) references();
  }

  void references() {
    if (json const* const list = fields_.array("image_urls"))
      for (json const& item : *list) {
        if (!item.is_string() || !is_http_url(item.get<std::string>()))
          return fields_.refuse("image_urls", "image_urls must hold URLs");
        order_.image_urls.push_back(item.get<std::string>());
      }
    std::size_t const images =
        order_.image_urls.size() + (order_.image_start.empty() ? 0 : 1) + (order_.image_end.empty() ? 0 : 1);
    if (images == 0) fields_.refuse("image_start", "at least one image is required");
    if (!order_.image_end.empty() && images > 2)
      fields_.refuse("image_end", "image_end cannot be used with more than 2 images");
    if (images + elements_ > o3_images_and_elements_max)
      fields_.refuse("image_urls", fmt::format("images and elements together are limited to {}",
                                               o3_images_and_elements_max));
  }

  void prompts() {
    std::optional<std::string> const prompt = fields_.text("prompt");
    order_.prompt = prompt.value_or("");
    bool const needed = plan_ == ShotPlan::intelligence ||
                        (rules_.prompt == PromptRule::required && plan_ == ShotPlan::single);
    if (needed && order_.prompt.empty()) fields_.refuse("prompt", "prompt is required");
    limit("prompt", order_.prompt);
    if (rules_.has_negative_prompt) limit("negative_prompt", fields_.text("negative_prompt").value_or(""));
  }

  void limit(std::string_view name, std::string const& text) {
    if (characters_in(text) > prompt_characters_max)
      fields_.refuse(name, fmt::format("{} is longer than {} characters", name, prompt_characters_max));
  }

  void callback() {
    std::optional<std::string> const address = fields_.text("callback_url");
    if (!address) return;
    if (auto const reason = callback_refused(*address)) fields_.refuse("callback_url", *reason);
  }

  ModelRules const& rules_;
  std::optional<Refusal> refusal_;
  Fields fields_;
  Order order_;
  ShotPlan plan_ = ShotPlan::single;
  std::size_t elements_ = 0;
};

}  // namespace

std::size_t characters_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

tl::expected<Order, Refusal> read_order(json const& body) {
  std::optional<Refusal> refusal;
  if (!body.is_object()) return tl::unexpected<Refusal>{Refusal{.message = "the body must be a JSON object"}};
  Fields fields{body, "", refusal};
  std::optional<std::string> const model = fields.text("model");
  if (!model) fields.refuse("model", "model is required");
  if (refusal) return tl::unexpected<Refusal>{*refusal};
  ModelRules const* const rules = find_model(*model);
  if (rules == nullptr)
    return tl::unexpected<Refusal>{
        Refusal{.message = fmt::format("model {} is not offered", *model), .param = "model"}};
  return Reader{body, *rules}.read();
}

}  // namespace callsheet::local_gateway
