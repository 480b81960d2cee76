#include "tools/local_gateway/element_order.hpp"

#include "tools/local_gateway/json_fields.hpp"
#include "tools/local_gateway/public_url.hpp"
#include "tools/local_gateway/validation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

namespace {

constexpr std::size_t name_characters_max = 20;
constexpr std::size_t description_characters_max = 100;
constexpr std::size_t refer_images_max = 3;

/// One request for an element being read; `refusal` holds the first thing that is wrong.
class ElementReader {
 public:
  ElementReader(json const& body, ModelRules const& rules, Reach reach)
      : reach_{reach}, fields_{body, "", refusal_} {
    order_.model = std::string{rules.name};
    order_.quality.clear();
    order_.element.emplace();
  }

  tl::expected<Order, Refusal> read() {
    fields_.only({"model", "callback_url", "model_params"}, order_.model);
    if (std::optional<std::string> address = fields_.text("callback_url")) {
      if (auto const reason = callback_refused(*address, reach_)) fields_.refuse("callback_url", *reason);
      order_.callback = *std::move(address);
    }
    json const* const params = fields_.object("model_params");
    if (params != nullptr)
      model_params(*params);
    else
      fields_.refuse("model_params", "model_params is required");
    if (refusal_) return tl::unexpected<Refusal>{*refusal_};
    return order_;
  }

 private:
  void model_params(json const& object) {
    Fields params{object, "model_params.", refusal_};
    params.only({"element_name", "element_description", "reference_type", "element_image_list",
                 "element_video_list", "element_voice_id"},
                order_.model);
    order_.element->name = required_text(params, "element_name", name_characters_max);
    order_.element->description = required_text(params, "element_description", description_characters_max);
    auto const type = params.choice("reference_type", {"image_refer", "video_refer"});
    if (!type) return params.refuse("reference_type", "reference_type is required");
    bool const of_video = *type == 1;
    std::optional<std::string> const voice = params.text("element_voice_id");
    if (!of_video && voice)
      return params.refuse("element_voice_id", "element_voice_id needs reference_type video_refer");
    char const* const other = of_video ? "element_image_list" : "element_video_list";
    if (params.find(other) != nullptr)
      return params.refuse(other, fmt::format("{} does not go with this reference_type", other));
    if (of_video)
      video(params);
    else
      images(params);
  }

  static std::string required_text(Fields& fields, std::string_view name, std::size_t characters_max) {
    std::string value = fields.text(name).value_or("");
    if (value.empty()) fields.refuse(name, fmt::format("{} is required", name));
    if (characters_in(value) > characters_max)
      fields.refuse(name, fmt::format("{} is longer than {} characters", name, characters_max));
    return value;
  }

  static std::string required_url(Fields& fields, std::string_view name) {
    std::string value = fields.text(name).value_or("");
    if (!is_http_url(value)) fields.refuse(name, fmt::format("{} must be a URL", name));
    return value;
  }

  /// The item's one member, a URL.
  std::string url_in(json const& item, std::string const& path, std::string_view name) {
    Fields whole{item, path, refusal_};
    if (!item.is_object()) {
      whole.refuse("", path + " must be an object");
      return {};
    }
    Fields fields{item, path + ".", refusal_};
    fields.only({name}, path);
    return required_url(fields, name);
  }

  void images(Fields& params) {
    json const* const object = params.object("element_image_list");
    if (object == nullptr)
      return params.refuse("element_image_list", "element_image_list is required for image_refer");
    std::string const path = "model_params.element_image_list.";
    Fields list{*object, path, refusal_};
    list.only({"frontal_image", "refer_images"}, "element_image_list");
    order_.image_urls.push_back(required_url(list, "frontal_image"));
    json const* const more = list.array("refer_images");
    if (more == nullptr || more->empty() || more->size() > refer_images_max)
      return list.refuse("refer_images", fmt::format("refer_images must hold 1 to {}", refer_images_max));
    for (std::size_t i = 0; i < more->size() && !refusal_; ++i)
      order_.image_urls.push_back(
          url_in((*more)[i], fmt::format("{}refer_images[{}]", path, i), "image_url"));
  }

  void video(Fields& params) {
    json const* const object = params.object("element_video_list");
    if (object == nullptr)
      return params.refuse("element_video_list", "element_video_list is required for video_refer");
    std::string const path = "model_params.element_video_list.";
    Fields list{*object, path, refusal_};
    list.only({"refer_videos", "video_url"}, "element_video_list");
    json const* const videos = list.array("refer_videos");
    if (videos == nullptr) {
      order_.video = required_url(list, "video_url");
      return;
    }
    if (videos->size() != 1) return list.refuse("refer_videos", "refer_videos must hold exactly one");
    order_.video = url_in(videos->front(), path + "refer_videos[0]", "video_url");
  }

  Reach reach_;
  std::optional<Refusal> refusal_;
  Fields fields_;
  Order order_;
};

}  // namespace

tl::expected<Order, Refusal> read_element_order(json const& body, ModelRules const& rules, Reach reach) {
  return ElementReader{body, rules, reach}.read();
}

}  // namespace callsheet::local_gateway
