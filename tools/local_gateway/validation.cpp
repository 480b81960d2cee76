#include "tools/local_gateway/validation.hpp"

#include "tools/local_gateway/element_order.hpp"
#include "tools/local_gateway/json_fields.hpp"
#include "tools/local_gateway/model_rules.hpp"
#include "tools/local_gateway/public_url.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

constexpr std::size_t shot_prompt_characters_max = 512;
constexpr std::size_t shots_max = 6;
constexpr std::size_t o3_images_and_elements_max = 7;  // without a video, gateway-api.md 4.6

/// The words of a rule's list: "720p 1080p".
std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    std::string_view const word = list.substr(0, list.find(' '));
    words.push_back(word);
    list.remove_prefix(std::min(list.size(), word.size() + 1));
  }
  return words;
}

Ratio ratio_of(std::string_view text) {
  Ratio ratio;
  std::size_t const colon = text.find(':');
  std::from_chars(text.data(), text.data() + colon, ratio.width);
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), ratio.height);
  return ratio;
}

bool in_list(FrameRule rule) {
  return rule == FrameRule::one_in_list || rule == FrameRule::two_in_list;
}

enum class ShotPlan { single, customize, intelligence };

/// One create request being read; `refusal` holds the first thing that is wrong.
class Reader {
 public:
  Reader(json const& body, ModelRules const& rules, Reach reach)
      : rules_{rules}, reach_{reach}, fields_{body, "", refusal_} {}

  tl::expected<Order, Refusal> read() {
    order_.model = std::string{rules_.name};
    known_fields();
    scalars();
    json const* const params = fields_.object("model_params");
    if (params != nullptr) model_params(*params);
    images();
    video();
    prompts();
    callback();
    if (refusal_) return tl::unexpected<Refusal>{*refusal_};
    return order_;
  }

 private:
  void known_fields() {
    std::vector<std::string_view> known{"model", "prompt", "callback_url"};
    auto const add = [&](bool takes, std::string_view name) {
      if (takes) known.push_back(name);
    };
    add(!rules_.follows_video(), "duration");
    add(!rules_.qualities.empty(), "quality");
    add(rules_.sound == SoundRule::on_off, "sound");
    add(rules_.sound == SoundRule::generate_audio, "generate_audio");
    add(takes_model_params(), "model_params");
    add(rules_.has_negative_prompt, "negative_prompt");
    add(!rules_.ratios.empty(), "aspect_ratio");
    add(rules_.frames == FrameRule::start || rules_.frames == FrameRule::start_and_end, "image_start");
    add(rules_.frames == FrameRule::start_and_end, "image_end");
    add(in_list(rules_.frames) || rules_.references_max > 0, "image_urls");
    add(rules_.video == VideoField::single, "video_url");
    add(rules_.video == VideoField::list, "video_urls");
    add(rules_.keep_sound == KeepSound::keep_original_sound, "keep_original_sound");
    fields_.only(known, rules_.name);
  }

  [[nodiscard]] bool takes_model_params() const {
    return rules_.shots != ShotRule::none || rules_.elements_max > 0 || rules_.has_watermark ||
           rules_.has_orientation;
  }

  void scalars() {
    if (!rules_.follows_video()) duration();
    std::vector<std::string_view> const qualities = words_of(rules_.qualities);
    order_.quality = qualities.empty() ? "" : qualities[fields_.choice("quality", qualities).value_or(0)];
    if (rules_.sound == SoundRule::on_off)
      order_.sound = fields_.choice("sound", {"off", "on"}).value_or(0) == 1;
    if (rules_.sound == SoundRule::always) order_.sound = true;
    if (rules_.sound == SoundRule::generate_audio)
      order_.sound = fields_.boolean("generate_audio").value_or(true);
    bool const by_picture = rules_.frames != FrameRule::none || rules_.video != VideoField::none;
    if (!by_picture) order_.ratio = Ratio{};
    std::vector<std::string_view> const ratios = words_of(rules_.ratios);
    if (ratios.empty()) return;
    if (auto const ratio = fields_.choice("aspect_ratio", ratios)) order_.ratio = ratio_of(ratios[*ratio]);
  }

  void duration() {
    auto const& only = rules_.seconds_only;
    bool const listed = only.front() > 0;
    order_.seconds =
        fields_.integer("duration").value_or(listed ? only.front() : std::max(5, rules_.seconds_min));
    if (listed && std::find(only.begin(), only.end(), std::max(1, order_.seconds)) == only.end())
      return fields_.refuse("duration",
                            fmt::format("duration {} is not one this model makes", order_.seconds));
    if (!listed && (order_.seconds < rules_.seconds_min || order_.seconds > rules_.seconds_max))
      fields_.refuse("duration", fmt::format("duration must be between {} and {} seconds", rules_.seconds_min,
                                             rules_.seconds_max));
  }

  void model_params(json const& object) {
    Fields params{object, "model_params.", refusal_};
    std::vector<std::string_view> known;
    if (rules_.has_watermark) known.emplace_back("watermark_info");
    if (rules_.shots != ShotRule::none)
      known.insert(known.end(), {"multi_shot", "shot_type", "multi_prompt"});
    if (rules_.elements_max > 0) known.emplace_back("element_list");
    if (rules_.has_orientation) known.emplace_back("character_orientation");
    if (rules_.keep_sound == KeepSound::in_model_params) known.emplace_back("keep_sound");
    params.only(known, rules_.name);
    if (rules_.shots != ShotRule::none) shots(params);
    elements(params);
    if (rules_.has_orientation) orientation(params);
    if (rules_.keep_sound == KeepSound::in_model_params)
      order_.sound = params.boolean("keep_sound").value_or(true);
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
          seconds > rules_.seconds_max)
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
      std::string id = fields.text("element_id").value_or("");
      if (id.empty()) return fields.refuse("element_id", path + ".element_id is required");
      order_.element_ids.push_back(std::move(id));
    }
  }

  std::string url(Fields& fields, std::string_view name) {
    std::string value = fields.text(name).value_or("");
    if (!value.empty() && !is_http_url(value)) fields.refuse(name, fmt::format("{} must be a URL", name));
    return value;
  }

  void orientation(Fields& params) {
    auto const facing = params.choice("character_orientation", {"image", "video"});
    if (!facing && !params.refused())
      return params.refuse("character_orientation", "character_orientation is required");
    order_.facing_image = facing == 0;
    if (order_.facing_image && elements_ > 0)
      params.refuse("character_orientation", "with element_list only video is allowed");
  }

  void images() {
    if (rules_.has_orientation && fields_.object("model_params") == nullptr && !refusal_)
      return fields_.refuse("model_params", "model_params is required");
    if (rules_.frames == FrameRule::start || rules_.frames == FrameRule::start_and_end)
      order_.image_start = url(fields_, "image_start");
    if (rules_.frames == FrameRule::start_and_end) order_.image_end = url(fields_, "image_end");
    if (in_list(rules_.frames) || rules_.references_max > 0) image_urls();
    if (in_list(rules_.frames)) frames_from_list();
    if (rules_.frame_required && order_.image_start.empty()) {
      std::string_view const name = in_list(rules_.frames) ? "image_urls" : "image_start";
      return fields_.refuse(name, fmt::format("{} is required", name));
    }
    if (!order_.image_end.empty() && order_.image_start.empty())
      return fields_.refuse("image_end", "image_end needs image_start");
    if (!order_.image_end.empty() && plan_ != ShotPlan::single)
      return fields_.refuse("image_end", "image_end cannot be combined with multi_shot");
    count_images();
  }

  void image_urls() {
    json const* const list = fields_.array("image_urls");
    if (list == nullptr) return;
    for (json const& item : *list) {
      if (!item.is_string() || !is_http_url(item.get<std::string>()))
        return fields_.refuse("image_urls", "image_urls must hold URLs");
      order_.image_urls.push_back(item.get<std::string>());
    }
  }

  /// The first of them, and the second where the model takes a last frame, are frames.
  void frames_from_list() {
    std::size_t const most = rules_.frames == FrameRule::two_in_list ? 2 : 1;
    if (order_.image_urls.size() > most)
      return fields_.refuse("image_urls", fmt::format("image_urls holds at most {}", most));
    if (!order_.image_urls.empty()) order_.image_start = order_.image_urls.front();
    if (order_.image_urls.size() > 1) order_.image_end = order_.image_urls.back();
    order_.image_urls.clear();
  }

  void count_images() {
    std::size_t const references = order_.image_urls.size();
    std::size_t const images =
        references + (order_.image_start.empty() ? 0 : 1) + (order_.image_end.empty() ? 0 : 1);
    if (references < rules_.references_min || references > rules_.references_max)
      return fields_.refuse("image_urls", fmt::format("image_urls must hold {} to {}", rules_.references_min,
                                                      rules_.references_max));
    // Beside a video to refer to or to edit; motion control takes one picture, and an element of its own.
    bool const some = rules_.references_min < rules_.references_max;
    if (some && references + elements_ > rules_.references_max && rules_.video != VideoField::none)
      return fields_.refuse(
          "image_urls", fmt::format("images and elements together are limited to {}", rules_.references_max));
    if (!rules_.any_picture_required) return;
    if (images == 0) fields_.refuse("image_start", "at least one image is required");
    if (!order_.image_end.empty() && images > 2)
      fields_.refuse("image_end", "image_end cannot be used with more than 2 images");
    if (images + elements_ > o3_images_and_elements_max)
      fields_.refuse("image_urls", fmt::format("images and elements together are limited to {}",
                                               o3_images_and_elements_max));
  }

  void video() {
    if (rules_.video == VideoField::none) return;
    if (rules_.keep_sound == KeepSound::keep_original_sound)
      order_.sound = fields_.boolean("keep_original_sound").value_or(true);
    std::string_view const name = rules_.video == VideoField::list ? "video_urls" : "video_url";
    if (rules_.video == VideoField::single) {
      order_.video = url(fields_, name);
    } else if (json const* const list = fields_.array(name)) {
      if (list->size() != 1 || !list->front().is_string() || !is_http_url(list->front().get<std::string>()))
        return fields_.refuse(name, fmt::format("{} must hold exactly one URL", name));
      order_.video = list->front().get<std::string>();
    }
    if (order_.video.empty()) fields_.refuse(name, fmt::format("{} is required", name));
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
    if (characters_in(text) > rules_.prompt_max)
      fields_.refuse(name, fmt::format("{} is longer than {} characters", name, rules_.prompt_max));
  }

  void callback() {
    std::optional<std::string> address = fields_.text("callback_url");
    if (!address) return;
    if (auto const reason = callback_refused(*address, reach_)) fields_.refuse("callback_url", *reason);
    order_.callback = *std::move(address);
  }

  ModelRules const& rules_;
  Reach reach_;
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

tl::expected<Order, Refusal> read_order(json const& body, Reach reach) {
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
  return rules->makes_elements ? read_element_order(body, *rules, reach) : Reader{body, *rules, reach}.read();
}

}  // namespace callsheet::local_gateway
