#include "orchestrator/catalog/capability.hpp"

#include <algorithm>
#include <charconv>
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
    case ImageFormat::webp:
      return "WebP";
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
  Examination(Model const& model, Request const& request, InputFacts const& inputs)
      : model_{model}, request_{request}, inputs_{inputs} {}

  std::vector<Obstacle> run() {
    if (!model_.makes(request_.mode)) {
      add(Field::mode, fmt::format("{} makes {} only", id(), does()), "");
      return std::move(found_);
    }
    length();
    look();
    texts();
    frames();
    references();
    count_pictures();
    elements();
    mentions(request_.prompt, {});
    for (std::size_t i = 0; i < request_.shots.size(); ++i) mentions(request_.shots[i].prompt, i);
    video();
    shots();
    switches();
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string const& id() const { return model_.id.str(); }
  [[nodiscard]] std::string does() const { return model_.modes.empty() ? model_.does : listed(model_.modes); }

  void add(Field field, std::string why, std::string mend, std::optional<std::size_t> shot = {}) {
    found_.push_back({field, std::move(why), std::move(mend), shot});
  }

  void length() {
    DurationRule const& rule = model_.duration;
    if (rule.follows_video) return;  // the video's own length is what is judged
    if (!rule.only.empty()) {
      if (contains(rule.only, request_.duration)) return;
      std::string allowed;
      for (auto const one : rule.only)
        allowed += fmt::format("{}{}",
                               allowed.empty()           ? ""
                               : one == rule.only.back() ? " or "
                                                         : ", ",
                               one.count());
      return add(
          Field::duration,
          fmt::format("duration {} is not one {} makes ({} s)", request_.duration.count(), id(), allowed),
          fmt::format("use {}", allowed));
    }
    if (request_.duration >= rule.min && request_.duration <= rule.max) return;
    auto const least = rule.min.count();
    auto const most = rule.max.count();
    add(Field::duration,
        fmt::format("duration {} is outside what {} can do ({} to {} s)", request_.duration.count(), id(),
                    least, most),
        fmt::format("use {}..{}, or see `callsheet models --mode {}`", least, most,
                    callsheet::to_string(request_.mode)));
  }

  void look() {
    quality();
    if (request_.sound == Sound::on && !contains(model_.sounds, Sound::on))
      add(Field::sound, fmt::format("{} makes no sound", id()),
          "use `sound: off`, or allow a model that does");
    if (request_.sound == Sound::off && !model_.sounds.empty() && !contains(model_.sounds, Sound::off))
      add(Field::sound, fmt::format("{} always makes sound", id()), "use `sound: on`");
    if (request_.aspect_ratio) ratio(*request_.aspect_ratio);
  }

  void quality() {
    if (contains(model_.qualities, request_.quality)) return;
    if (contains(model_.qualities, Quality::any))
      return add(Field::quality, fmt::format("{} cannot be told a quality", id()),
                 "use `quality: any` to take what it makes");
    if (request_.quality == Quality::any)
      return add(Field::quality, fmt::format("{} has to be told a quality", id()),
                 fmt::format("it makes {}", listed(model_.qualities)));
    add(Field::quality, fmt::format("{} does not make {}", id(), callsheet::to_string(request_.quality)),
        fmt::format("it makes {}", listed(model_.qualities)));
  }

  void ratio(AspectRatio wanted) {
    if (contains(model_.aspect_ratios, wanted)) return;
    if (!model_.aspect_ratios.empty())
      return add(Field::aspect_ratio, fmt::format("{} does not make {}", id(), callsheet::to_string(wanted)),
                 fmt::format("it makes {}", listed(model_.aspect_ratios)));
    if (!model_.image_start)
      return add(Field::aspect_ratio, fmt::format("{} cannot be asked for an aspect ratio", id()),
                 "leave `aspect_ratio` out");
    if (!inputs_.start)
      return add(Field::aspect_ratio,
                 fmt::format("{} follows the shape of the first frame, and that of a URL is not known", id()),
                 "leave `aspect_ratio` out, or use a local picture of that shape");
    if (has_shape(*inputs_.start, wanted)) return;
    add(Field::aspect_ratio,
        fmt::format("{} follows the shape of the first frame, which is {}x{}, not {}", id(),
                    inputs_.start->width, inputs_.start->height, callsheet::to_string(wanted)),
        fmt::format("leave `aspect_ratio` out, or crop the picture to {}", callsheet::to_string(wanted)));
  }

  void texts() {
    // Shots of one's own take the prompt's place (gateway-api.md section 4.1).
    bool const by_shots = request_.shot_planning == ShotPlanning::customize;
    bool const planned_from_prompt = request_.shot_planning == ShotPlanning::intelligence;
    if (is_blank(request_.prompt) && !by_shots && (model_.prompt.required || planned_from_prompt))
      add(Field::prompt,
          planned_from_prompt ? "`shots: auto` plans the shots from the prompt, and there is none"
                              : fmt::format("{} needs a {}", id(), prompt_name()),
          fmt::format("add `{}: \"...\"`", prompt_name()));
    within(Field::prompt, prompt_name(), request_.prompt, model_.prompt.characters_max);
    if (request_.negative_prompt.empty()) return;
    if (!model_.negative_prompt)
      return add(Field::negative_prompt, fmt::format("{} takes no negative_prompt", id()),
                 "say in the prompt what should be seen instead");
    within(Field::negative_prompt, "negative_prompt", request_.negative_prompt,
           model_.negative_prompt->characters_max);
  }

  /// What a manifest calls it.
  [[nodiscard]] std::string_view prompt_name() const {
    return makes_clips(request_.mode) ? "prompt" : "description";
  }

  void within(Field field, std::string_view name, std::string const& text, std::size_t most,
              std::optional<std::size_t> shot = {}) {
    std::size_t const count = count_characters(text);
    if (count <= most) return;
    add(field, fmt::format("{} is {} characters long; {} takes at most {}", name, count, id(), most),
        fmt::format("shorten it by {}", count - most), shot);
  }

  void frames() {
    picture(Field::image_start, "image_start", request_.image_start.has_value(), model_.image_start,
            inputs_.start);
    if (request_.image_end && !request_.image_start)
      add(Field::image_end, "a last frame (image_end) needs a first one (image_start)", "add image_start");
    else
      picture(Field::image_end, "image_end", request_.image_end.has_value(), model_.image_end, inputs_.end);
  }

  void picture(Field field, std::string_view name, bool given, std::optional<PictureRule> const& rule,
               std::optional<ImageFacts> const& facts) {
    bool const by_mode =
        request_.mode == Mode::image_to_video && field == Field::image_start && !model_.pictures;
    if (!given) {
      if (rule && (rule->required || by_mode))
        add(field, fmt::format("{} needs a first frame ({})", id(), name),
            fmt::format("add `{}: picture.jpg`", name));
      return;
    }
    bool const text_alone = request_.mode == Mode::text_to_video;
    if (!rule || text_alone)
      return add(
          field,
          rule ? fmt::format("text-to-video takes no {}", name) : fmt::format("{} takes no {}", id(), name),
          text_alone ? "leave it out, or use `mode: image-to-video`" : "leave it out");
    if (facts) limits(field, *rule, *facts);
  }

  void references() {
    std::size_t const count = request_.images.size();
    if (count > 0 && request_.mode == Mode::text_to_video)
      return add(Field::images, "text-to-video takes no `images`",
                 "leave them out, or use `mode: reference-to-video`");
    if (!model_.images) {
      if (count > 0)
        add(Field::images, fmt::format("{} takes no pictures to refer to (images)", id()),
            "leave `images` out; a first frame is `image_start`");
      return;
    }
    ReferenceRule const& rule = *model_.images;
    if (request_.mode == Mode::element)
      element_pictures(rule, count);
    else
      count_references(rule, count);
    for (std::optional<ImageFacts> const& facts : inputs_.images)
      if (facts) limits(Field::images, rule.picture, *facts);
  }

  void count_references(ReferenceRule const& rule, std::size_t count) {
    if (count < rule.count_min)
      add(Field::images,
          fmt::format("{} needs {} (images)", id(),
                      rule.count_min == 1 ? "a picture" : fmt::format("{} pictures", rule.count_min)),
          "add `images: [picture.jpg]`");
    if (count > rule.count_max)
      add(Field::images, fmt::format("{} pictures are more than {} takes ({})", count, id(), rule.count_max),
          "leave some of `images` out");
  }

  /// The frontal picture is one of them.
  void element_pictures(ReferenceRule const& rule, std::size_t count) {
    if ((request_.video && count == 0) || (count >= rule.count_min && count <= rule.count_max)) return;
    std::size_t const others = std::max<std::size_t>(count, 1) - 1;
    add(Field::images,
        fmt::format("{} takes {} to {} references beside the frontal picture, and there {}", id(),
                    rule.count_min - 1, rule.count_max - 1,
                    others == 1 ? "is 1" : fmt::format("are {}", others)),
        others + 1 < rule.count_min ? "add `references: [side.png]`" : "leave some of them out");
  }

  void count_pictures() {
    bool const wants_some =
        request_.mode == Mode::image_to_video || request_.mode == Mode::reference_to_video;
    std::size_t const frames = (request_.image_start ? 1u : 0u) + (request_.image_end ? 1u : 0u);
    std::size_t const count = frames + request_.images.size();
    if (!model_.pictures) return;
    PictureCount const& rule = *model_.pictures;
    if (wants_some && count < rule.min && !(request_.video && model_.video))
      add(model_.image_start ? Field::image_start : Field::images,
          fmt::format("{} needs a picture: a first frame (image_start), or some to refer to (images)", id()),
          "add `image_start: picture.jpg`");
    std::size_t const with_elements = count + request_.elements.size();
    if (with_elements > rule.max)
      add(request_.images.empty() ? Field::elements : Field::images,
          fmt::format("{} pictures{} are more than {} takes ({})", with_elements,
                      request_.elements.empty() ? "" : " and elements", id(), rule.max),
          "leave some of them out");
    if (request_.image_end && rule.with_end_max > 0 && count > rule.with_end_max)
      add(Field::image_end,
          fmt::format("{} takes a last frame (image_end) with at most {} pictures in all", id(),
                      rule.with_end_max),
          "leave image_end or `images` out");
    if (request_.video && rule.with_video_max > 0 && count > rule.with_video_max)
      add(Field::images,
          fmt::format("{} pictures are more than {} takes beside a video ({})", count, id(),
                      rule.with_video_max),
          "leave some of `images` out");
  }

  void elements() {
    std::size_t const count = request_.elements.size();
    if (count == 0) return;
    if (!model_.elements)
      return add(Field::elements, fmt::format("{} knows no elements", id()),
                 "leave `elements` out, or show it pictures (`images`)");
    ElementRule const& rule = *model_.elements;
    bool const beside_start = request_.image_start && rule.with_start_max > 0;
    std::size_t const most = beside_start ? rule.with_start_max : rule.max;
    if (count > most)
      add(Field::elements,
          fmt::format("{} elements are more than {} takes{} ({})", count, id(),
                      beside_start ? " beside a first frame" : "", most),
          "leave some of them out");
    for (Element const& element : request_.elements)
      if (!contains(rule.kinds, element.kind))
        add(Field::elements,
            fmt::format("{} takes elements made of {} only, and {} is made of {}", id(), listed(rule.kinds),
                        element.name.empty() ? element.id : element.name, callsheet::to_string(element.kind)),
            "leave it out");
    if (!rule.facing_image && request_.orientation == Orientation::image)
      add(Field::elements, fmt::format("{} takes elements with `orientation: video` only", id()),
          "leave them out, or face as in the video");
  }

  /// Elements that a text speaks of ("<<<element_2>>>", from 1) and the task does not show: a clip without
  /// them would be paid for.
  void mentions(std::string_view text, std::optional<std::size_t> shot) {
    constexpr std::string_view before = "<<<element_";
    std::size_t const count = request_.elements.size();
    for (std::size_t at = text.find(before); at != std::string_view::npos; at = text.find(before, at + 1)) {
      std::string_view const rest = text.substr(at + before.size());
      std::size_t number = 0;
      auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
      bool const is_number = error == std::errc{};
      std::string_view const after{end, static_cast<std::size_t>(rest.data() + rest.size() - end)};
      if (is_number && after.starts_with(">>>") && number >= 1 && number <= count) continue;
      std::size_t const close = std::min(rest.find(">>>"), std::size_t{20});
      return add(Field::prompt,
                 fmt::format(
                     "the text speaks of `{}{}>>>`, and the task shows {}", before, rest.substr(0, close),
                     count == 0 ? "no element"
                     : count == 1
                         ? "one element, `<<<element_1>>>`"
                         : fmt::format("{} elements, `<<<element_1>>>` to `<<<element_{}>>>`", count, count)),
                 "name what it should show under `elements`: the first there is `<<<element_1>>>`", shot);
    }
  }

  void video() {
    if (!request_.video) {
      if (model_.video && model_.video->required)
        add(Field::video, fmt::format("{} needs a video", id()), "add `video: clip.mp4`");
      return;
    }
    if (!model_.video)
      return add(Field::video, fmt::format("{} takes no video", id()),
                 "leave `video` out, or see `callsheet models --mode video-edit`");
    VideoRule const& rule = *model_.video;
    if (inputs_.video) return video_limits(rule, *inputs_.video);
    if (model_.duration.follows_video && rule.length_max == std::chrono::seconds{0})
      add(Field::video,
          fmt::format("what {} costs hangs on the video's length, and that of a URL is not known", id()),
          "give a file beside the manifest");
  }

  void video_limits(VideoRule const& rule, VideoFacts const& facts) {
    if (rule.bytes_max > 0 && facts.size_bytes > rule.bytes_max)
      add(Field::video,
          fmt::format("the video is {}; {} takes at most {}", megabytes(facts.size_bytes), id(),
                      megabytes(rule.bytes_max)),
          "compress it more");
    bool const facing_image =
        request_.orientation == Orientation::image && rule.facing_image_max > std::chrono::seconds{0};
    auto const longest = facing_image ? rule.facing_image_max : rule.length_max;
    double const seconds = static_cast<double>(facts.length.count()) / 1000;
    if (facts.length < rule.length_min || (longest.count() > 0 && facts.length > longest))
      add(Field::video,
          fmt::format("the video is {:.1f} s long; {} takes {}{}", seconds, id(),
                      longest.count() > 0
                          ? fmt::format("{} to {} s", rule.length_min.count(), longest.count())
                          : fmt::format("at least {} s", rule.length_min.count()),
                      facing_image ? " with `orientation: image`" : ""),
          facts.length < rule.length_min                    ? "use a longer one"
          : facing_image && facts.length <= rule.length_max ? "cut it, or use `orientation: video`"
                                                            : "cut it");
    int const shorter = std::min(facts.width, facts.height);
    int const longer = std::max(facts.width, facts.height);
    if ((rule.side_px_min > 0 && shorter < rule.side_px_min) ||
        (rule.side_px_max > 0 && longer > rule.side_px_max))
      add(Field::video,
          fmt::format("the video is {}x{}; {} takes sides of {} to {} px", facts.width, facts.height, id(),
                      rule.side_px_min, rule.side_px_max),
          "scale it");
    if (rule.fps_max > 0 && facts.frames > 0 && facts.length.count() > 0) rate(rule, facts);
  }

  /// Half a frame a second either way is how cameras round.
  void rate(VideoRule const& rule, VideoFacts const& facts) {
    std::int64_t const fps_milli = facts.frames * 1'000'000 / facts.length.count();
    if (fps_milli >= rule.fps_min * 1000 - 500 && fps_milli <= rule.fps_max * 1000 + 500) return;
    add(Field::video,
        fmt::format("the video has {:.1f} frames a second; {} takes {} to {}",
                    static_cast<double>(fps_milli) / 1000, id(), rule.fps_min, rule.fps_max),
        "convert it to 30 frames a second");
  }

  void switches() {
    if (request_.watermark && !model_.watermark)
      add(Field::watermark, fmt::format("{} cannot be told about its watermark", id()),
          "leave `watermark` out");
    if (request_.keep_sound && !model_.keep_sound)
      add(Field::keep_sound, fmt::format("{} has no video whose sound could be kept", id()),
          "leave `keep_sound` out");
    if (request_.orientation && !model_.orientation)
      add(Field::orientation, fmt::format("{} has no use for an orientation", id()),
          "leave `orientation` out");
    if (!request_.orientation && model_.orientation)
      add(Field::orientation, fmt::format("{} has to know which way the character faces", id()),
          "add `orientation: image` (as in the picture) or `orientation: video` (as in the video)");
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
    if (facts.width == 0) return;  // not known
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
  InputFacts const& inputs_;
  std::vector<Obstacle> found_;
};

}  // namespace

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<Obstacle> obstacles(Model const& model, Request const& request, InputFacts const& inputs) {
  return Examination{model, request, inputs}.run();
}

}  // namespace callsheet::catalog
