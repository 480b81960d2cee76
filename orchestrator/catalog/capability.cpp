#include "orchestrator/catalog/capability.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

namespace callsheet::catalog {

namespace {

/// How far a first frame's own shape may be from the asked one (1 %): cropping nobody sees.
constexpr std::int64_t ratio_tolerance_percent = 1;

template <class T>
bool contains(std::vector<T> const& list, T const& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

template <class T>
std::string listed(std::vector<T> const& values) {
  std::string text;
  for (T const& value : values) text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(value));
  return text;
}

std::string_view to_string(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "JPEG";
    case ImageFormat::png:
      return "PNG";
    case ImageFormat::other:
      return "other";
  }
  return "other";
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Whether a picture is as wide to high as `ratio`, within the tolerance.
bool has_shape(ImageFacts const& picture, AspectRatio ratio) {
  std::int64_t const a = std::int64_t{picture.width} * ratio.height;
  std::int64_t const b = std::int64_t{picture.height} * ratio.width;
  return std::abs(a - b) * 100 <= b * ratio_tolerance_percent;
}

std::string megabytes(std::uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

class Examination {
 public:
  Examination(Model const& model, Request const& request, Pictures const& pictures)
      : model_{model}, request_{request}, pictures_{pictures} {}

  std::vector<Obstacle> run() {
    if (request_.mode != model_.mode) {
      add(Field::mode, fmt::format("{} makes {} only", id(), callsheet::to_string(model_.mode)), "");
      return std::move(found_);
    }
    length();
    look();
    texts();
    picture(Field::image_start, "image_start", request_.image_start.has_value(), model_.image_start,
            pictures_.start);
    if (request_.image_end && !request_.image_start)
      add(Field::image_end, "a last frame (image_end) needs a first one (image_start)", "add image_start");
    else
      picture(Field::image_end, "image_end", request_.image_end.has_value(), model_.image_end, pictures_.end);
    shots();
    if (request_.watermark && !model_.watermark)
      add(Field::watermark, fmt::format("{} cannot be told about its watermark", id()),
          "leave `watermark` out");
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string const& id() const { return model_.id.str(); }

  void add(Field field, std::string why, std::string mend, std::optional<std::size_t> shot = {}) {
    found_.push_back({field, std::move(why), std::move(mend), shot});
  }

  void length() {
    if (request_.duration >= model_.duration_min && request_.duration <= model_.duration_max) return;
    auto const least = model_.duration_min.count();
    auto const most = model_.duration_max.count();
    add(Field::duration,
        fmt::format("duration {} is outside what {} can do ({} to {} s)", request_.duration.count(), id(),
                    least, most),
        fmt::format("use {}..{}, or see `callsheet models --mode {}`", least, most,
                    callsheet::to_string(request_.mode)));
  }

  void look() {
    if (!contains(model_.qualities, request_.quality))
      add(Field::quality, fmt::format("{} does not make {}", id(), callsheet::to_string(request_.quality)),
          fmt::format("it makes {}", listed(model_.qualities)));
    if (request_.sound == Sound::on && !contains(model_.sounds, Sound::on))
      add(Field::sound, fmt::format("{} makes no sound", id()),
          "use `sound: off`, or allow a model that does");
    if (request_.sound == Sound::off && !model_.sounds.empty() && !contains(model_.sounds, Sound::off))
      add(Field::sound, fmt::format("{} always makes sound", id()), "use `sound: on`");
    if (request_.aspect_ratio) ratio(*request_.aspect_ratio);
  }

  void ratio(AspectRatio wanted) {
    if (contains(model_.aspect_ratios, wanted)) return;
    if (!model_.aspect_ratios.empty())
      return add(Field::aspect_ratio, fmt::format("{} does not make {}", id(), callsheet::to_string(wanted)),
                 fmt::format("it makes {}", listed(model_.aspect_ratios)));
    if (!model_.image_start)
      return add(Field::aspect_ratio, fmt::format("{} cannot be asked for an aspect ratio", id()),
                 "leave `aspect_ratio` out");
    if (!pictures_.start)
      return add(Field::aspect_ratio,
                 fmt::format("{} follows the shape of the first frame, and that of a URL is not known", id()),
                 "leave `aspect_ratio` out, or use a local picture of that shape");
    if (has_shape(*pictures_.start, wanted)) return;
    add(Field::aspect_ratio,
        fmt::format("{} follows the shape of the first frame, which is {}x{}, not {}", id(),
                    pictures_.start->width, pictures_.start->height, callsheet::to_string(wanted)),
        fmt::format("leave `aspect_ratio` out, or crop the picture to {}", callsheet::to_string(wanted)));
  }

  void texts() {
    // Shots of one's own take the prompt's place (gateway-api.md section 4.1).
    bool const by_shots = request_.shot_planning == ShotPlanning::customize;
    bool const planned_from_prompt = request_.shot_planning == ShotPlanning::intelligence;
    if (is_blank(request_.prompt) && !by_shots && (model_.prompt.required || planned_from_prompt))
      add(Field::prompt,
          planned_from_prompt ? "`shots: auto` plans the shots from the prompt, and there is none"
                              : fmt::format("{} needs a prompt", id()),
          "add `prompt: \"...\"`");
    within(Field::prompt, "prompt", request_.prompt, model_.prompt.characters_max);
    if (request_.negative_prompt.empty()) return;
    if (!model_.negative_prompt)
      return add(Field::negative_prompt, fmt::format("{} takes no negative_prompt", id()),
                 "say in the prompt what should be seen instead");
    within(Field::negative_prompt, "negative_prompt", request_.negative_prompt,
           model_.negative_prompt->characters_max);
  }

  void within(Field field, std::string_view name, std::string const& text, std::size_t most,
              std::optional<std::size_t> shot = {}) {
    std::size_t const count = count_characters(text);
    if (count <= most) return;
    add(field, fmt::format("{} is {} characters long; {} takes at most {}", name, count, id(), most),
        fmt::format("shorten it by {}", count - most), shot);
  }

  void picture(Field field, std::string_view name, bool given, std::optional<PictureRule> const& rule,
               std::optional<ImageFacts> const& facts) {
    if (!given) {
      if (rule && rule->required)
        add(field, fmt::format("{} needs a first frame ({})", id(), name),
            fmt::format("add `{}: picture.jpg`", name));
      return;
    }
    if (!rule)
      return add(field, fmt::format("{} takes no {}", id(), name),
                 request_.mode == Mode::text_to_video ? "leave it out, or use `mode: image-to-video`"
                                                      : "leave it out");
    if (facts) limits(field, *rule, *facts);
  }

  void limits(Field field, PictureRule const& rule, ImageFacts const& facts) {
    if (!contains(rule.formats, facts.format))
      add(field, fmt::format("the picture is not in a format {} takes ({})", id(), formats(rule)),
          "save it as JPEG or PNG");
    if (facts.size_bytes > rule.bytes_max)
      add(field,
          fmt::format("the picture is {}; {} takes at most {}", megabytes(facts.size_bytes), id(),
                      megabytes(rule.bytes_max)),
          "save it as JPEG, or smaller");
    if (facts.format == ImageFormat::other) return;
    if (facts.width < rule.side_px_min || facts.height < rule.side_px_min)
      add(field,
          fmt::format("the picture is {}x{}; {} takes at least {} px each way", facts.width, facts.height,
                      id(), rule.side_px_min),
          "use a larger picture");
    auto const longer = std::int64_t{std::max(facts.width, facts.height)} * 1000;
    auto const shorter = std::int64_t{std::min(facts.width, facts.height)} * rule.ratio_max_milli;
    if (longer > shorter)
      add(field,
          fmt::format("the picture is {}x{}; {} takes shapes from 1:{} to {}:1", facts.width, facts.height,
                      id(), rule.ratio_max_milli / 1000.0, rule.ratio_max_milli / 1000.0),
          "crop it");
  }

  static std::string formats(PictureRule const& rule) {
    std::string text;
    for (ImageFormat const format : rule.formats)
      text += fmt::format("{}{}", text.empty() ? "" : ", ", to_string(format));
    return text;
  }

  void shots() {
    if (request_.shot_planning == ShotPlanning::single) return;
    if (!model_.shots || !contains(model_.shots->kinds, request_.shot_planning)) {
      bool const automatic = request_.shot_planning == ShotPlanning::intelligence;
      return add(Field::shots,
                 automatic ? fmt::format("{} does not plan shots itself (`shots: auto`)", id())
                           : fmt::format("{} takes no list of shots", id()),
                 model_.shots && automatic ? "list the shots instead" : "leave `shots` out");
    }
    ShotRule const& rule = *model_.shots;
    if (request_.image_end && !rule.with_image_end)
      add(Field::image_end, "a last frame (image_end) cannot be combined with shots",
          "leave out one of the two");
    if (request_.shots.size() > rule.count_max)
      add(Field::shots,
          fmt::format("{} shots are more than {} can do ({})", request_.shots.size(), id(), rule.count_max),
          "merge some of them");
    for (std::size_t i = 0; i < request_.shots.size(); ++i) {
      Shot const& shot = request_.shots[i];
      if (is_blank(shot.prompt))
        add(Field::shots, fmt::format("shot {} has no prompt", i + 1), "say what it shows", i);
      within(Field::shots, fmt::format("the prompt of shot {}", i + 1), shot.prompt, rule.characters_max, i);
      if (shot.duration < rule.duration_min)
        add(Field::shots, fmt::format("shot {} is shorter than {} s", i + 1, rule.duration_min.count()), "",
            i);
    }
  }

  Model const& model_;
  Request const& request_;
  Pictures const& pictures_;
  std::vector<Obstacle> found_;
};

}  // namespace

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<Obstacle> obstacles(Model const& model, Request const& request, Pictures const& pictures) {
  return Examination{model, request, pictures}.run();
}

}  // namespace callsheet::catalog
