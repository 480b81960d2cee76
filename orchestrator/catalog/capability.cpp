#include "orchestrator/catalog/capability.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::catalog {

namespace {

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{}.{} MB", bytes >> 20, (bytes & 0xFFFFF) * 10 >> 20);
}

/// Whether a picture has that ratio, within one percent.
bool has_ratio(ImageFacts const& picture, AspectRatio ratio) {
  std::int64_t const across = std::int64_t{picture.width} * ratio.height;
  std::int64_t const down = std::int64_t{picture.height} * ratio.width;
  return std::abs(across - down) * 100 <= std::max(across, down);
}

class Check {
 public:
  Check(Model const& model, Request const& request, Pictures pictures)
      : model_{model}, id_{model.id.str()}, request_{request}, pictures_{pictures} {}

  std::vector<Objection> run() {
    if (model_.mode != request_.mode) {
      object("mode",
             fmt::format("{} makes {}, not {}", id_, to_string(model_.mode), to_string(request_.mode)), "");
      return std::move(found_);
    }
    check_clip();
    check_texts();
    check_pictures();
    check_shots();
    return std::move(found_);
  }

 private:
  void object(char const* field, std::string why, std::string mend) {
    found_.push_back({field, std::move(why), std::move(mend)});
  }

  void check_clip() {
    if (request_.duration < model_.duration_least || request_.duration > model_.duration_most)
      object("duration",
             fmt::format("duration {} is outside what {} can do ({} to {} s)", request_.duration.count(), id_,
                         model_.duration_least.count(), model_.duration_most.count()),
             fmt::format("use {}..{}", model_.duration_least.count(), model_.duration_most.count()));
    if (std::find(model_.qualities.begin(), model_.qualities.end(), request_.quality) ==
        model_.qualities.end())
      object("quality", fmt::format("{} does not make {}", id_, to_string(request_.quality)),
             fmt::format("use {}", qualities()));
    if (request_.sound == Sound::on && !model_.has_sound)
      object("sound", fmt::format("{} makes no sound", id_), "turn sound off, or allow another model");
    if (request_.watermark && !model_.has_watermark)
      object("watermark", fmt::format("{} has no watermark setting", id_), "leave watermark out");
    check_ratio();
  }

  void check_ratio() {
    if (!request_.aspect_ratio) return;
    AspectRatio const wanted = *request_.aspect_ratio;
    if (!model_.aspect_ratios.empty()) {
      if (std::find(model_.aspect_ratios.begin(), model_.aspect_ratios.end(), wanted) ==
          model_.aspect_ratios.end())
        object("aspect_ratio", fmt::format("{} does not make {}", id_, to_string(wanted)),
               fmt::format("use {}", ratios()));
      return;
    }
    // The clip follows its first frame; asking for the ratio that the frame has anyway changes nothing.
    if (pictures_.start != nullptr && has_ratio(*pictures_.start, wanted)) return;
    object("aspect_ratio",
           pictures_.start != nullptr
               ? fmt::format("the clips of {} follow the first frame, which is {}x{} and not {}", id_,
                             pictures_.start->width, pictures_.start->height, to_string(wanted))
               : fmt::format("{} has no aspect_ratio: its clips follow the first frame", id_),
           fmt::format("leave aspect_ratio out, or crop the picture to {}", to_string(wanted)));
  }

  void check_texts() {
    bool const from_shots = request_.shot_planning == ShotPlanning::customize;
    bool const needed =
        (model_.prompt.required && !from_shots) || request_.shot_planning == ShotPlanning::intelligence;
    if (needed && request_.prompt.empty())
      object("prompt", fmt::format("{} needs a prompt", id_), "add `prompt:`");
    check_length("prompt", request_.prompt, model_.prompt.characters_most);
    if (request_.negative_prompt.empty()) return;
    if (!model_.negative_prompt)
      object("negative_prompt", fmt::format("{} has no negative prompt", id_),
             "leave negative_prompt out, or allow another model");
    else
      check_length("negative_prompt", request_.negative_prompt, model_.negative_prompt->characters_most);
  }

  void check_length(char const* field, std::string const& text, std::size_t most) {
    if (std::size_t const count = characters(text); count > most)
      object(field, fmt::format("the {} has {} characters; {} takes at most {}", field, count, id_, most),
             fmt::format("shorten it by {} characters", count - most));
  }

  void check_pictures() {
    check_picture("image_start", request_.image_start, model_.image_start, pictures_.start);
    check_picture("image_end", request_.image_end, model_.image_end, pictures_.end);
    if (model_.image_start && !request_.image_start)
      object("image_start", fmt::format("{} needs a first frame", id_),
             "add `image_start:`, or use text-to-video");
    if (request_.image_end && !request_.image_start)
      object("image_end", "an end frame needs a first frame", "add `image_start:`");
    if (request_.image_end && request_.shot_planning != ShotPlanning::single)
      object("image_end", "an end frame cannot be used together with shots", "drop image_end, or the shots");
  }

  void check_picture(char const* field, std::optional<ImageInput> const& image,
                     std::optional<PictureLimits> const& limits, ImageFacts const* facts) {
    if (!image) return;
    if (!limits)
      return object(field, fmt::format("{} takes no {}", id_, field), fmt::format("leave {} out", field));
    if (facts == nullptr) return;
    std::string const& path = image->location;
    if (facts->format == ImageFormat::other)
      return object(field, fmt::format("'{}' is neither JPEG nor PNG", path), "save it as JPEG or PNG");
    if (facts->size_bytes > limits->bytes_most)
      object(field,
             fmt::format("'{}' has {}; {} takes at most {}", path, megabytes(facts->size_bytes), id_,
                         megabytes(limits->bytes_most)),
             "save it smaller, or as JPEG");
    if (std::min(facts->width, facts->height) < limits->pixels_least)
      return object(field,
                    fmt::format("'{}' is {}x{} pixels; each side needs at least {}", path, facts->width,
                                facts->height, limits->pixels_least),
                    "use a larger picture");
    std::int64_t const longer = std::max(facts->width, facts->height);
    std::int64_t const shorter = std::min(facts->width, facts->height);
    if (longer * 1000 > shorter * limits->ratio_most)
      object(field,
             fmt::format("'{}' is {}x{}; no side may be more than {}.{} times the other", path, facts->width,
                         facts->height, limits->ratio_most / 1000, limits->ratio_most % 1000 / 100),
             "crop the picture");
  }

  void check_shots() {
    if (request_.shot_planning == ShotPlanning::single) return;
    auto const& limits = model_.shots;
    if (!limits) return object("shots", fmt::format("{} takes no list of shots", id_), "allow another model");
    if (std::find(limits->kinds.begin(), limits->kinds.end(), request_.shot_planning) == limits->kinds.end())
      return object("shots", fmt::format("{} cannot plan the shots itself", id_), "write the shots out");
    if (request_.shot_planning != ShotPlanning::customize) return;
    if (request_.shots.empty() || request_.shots.size() > limits->shots_most)
      object(
          "shots",
          fmt::format("there are {} shots; {} takes 1 to {}", request_.shots.size(), id_, limits->shots_most),
          fmt::format("use at most {} shots", limits->shots_most));
    std::chrono::seconds sum{0};
    for (Shot const& shot : request_.shots) {
      sum += shot.duration;
      if (shot.duration < std::chrono::seconds{1})
        object("shots", "each shot lasts at least 1 s", "give it a duration");
      if (std::size_t const count = characters(shot.prompt); count > limits->prompt_characters_most)
        object("shots",
               fmt::format("a shot's prompt has {} characters; {} takes at most {}", count, id_,
                           limits->prompt_characters_most),
               fmt::format("shorten it by {} characters", count - limits->prompt_characters_most));
    }
    if (sum != request_.duration)
      object("shots",
             fmt::format("the shots last {} s together and the clip {} s", sum.count(),
                         request_.duration.count()),
             fmt::format("set duration to {}, or leave it out", sum.count()));
  }

  [[nodiscard]] std::string qualities() const {
    std::string text;
    for (Quality const quality : model_.qualities)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(quality));
    return text;
  }
  [[nodiscard]] std::string ratios() const {
    std::string text;
    for (AspectRatio const ratio : model_.aspect_ratios)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(ratio));
    return text;
  }

  Model const& model_;
  std::string const& id_;
  Request const& request_;
  Pictures pictures_;
  std::vector<Objection> found_;
};

}  // namespace

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<Objection> objections(Model const& model, Request const& request, Pictures pictures) {
  return Check{model, request, pictures}.run();
}

}  // namespace callsheet::catalog
