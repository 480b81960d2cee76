#include "orchestrator/manifest/make_task.hpp"

#include "orchestrator/core/credits.hpp"
#include "orchestrator/manifest/output_path.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/trimmed.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

constexpr std::size_t name_bytes_max = 200;
constexpr int duration_s_max = 3600;
constexpr int takes_max = 1000;
constexpr std::size_t tag_bytes_max = 64;
constexpr int priority_max = 1'000'000;
constexpr std::chrono::seconds standard_duration{5};  // the gateway's own default, gateway-api.md section 4.1

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// "Off", "TRUE": booleans as YAML and people write them.
std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

}  // namespace

TaskMaker::TaskMaker(Campaign const& campaign, TaskTemplate const& source, Bindings const& bindings,
                     ErrorList& errors)
    : campaign_{campaign}, source_{source}, bindings_{bindings}, errors_{errors} {}

void TaskMaker::complain(Place place, std::string what, std::string mend) {
  good_ = false;
  errors_.add(campaign_.document->error(place, std::move(what), std::move(mend)),
              context_at(place, campaign_.presets, name_, context_));
}

std::string TaskMaker::text(TaskKey key) {
  auto const& found = source_.text(key);
  return found ? found->render(bindings_) : std::string{};
}

std::optional<ExpandedTask> TaskMaker::make() {
  ExpandedTask task;
  task.source = &source_;
  task.duration_is_own = source_.duration_is_own;
  describe(task);
  name(task);
  Request& request = task.request;
  request.prompt = text(TaskKey::prompt);
  request.negative_prompt = text(TaskKey::negative_prompt);
  inputs(request);
  elements(request);
  mode(request);
  look(task);
  sound(request);
  shots(request);
  takes_ = integer(TaskKey::takes, 1, 1, takes_max);
  task.priority = integer(TaskKey::priority, 0, -priority_max, priority_max);
  task.value = value();
  tags(task);
  deadline(task);
  for (Template const& model : source_.models) task.models.emplace_back(model.render(bindings_));
  if (!good_) return std::nullopt;
  return task;
}

void TaskMaker::describe(ExpandedTask& task) {
  for (std::uint32_t const index : source_.axes) {
    AxisValue const& value = *bindings_.axes[index];
    std::string const& axis = campaign_.matrix.axes[index].name;
    task.labels.emplace_back(axis, value.text);
    task.context += fmt::format("{}{}: {}", task.context.empty() ? " (" : ", ", axis,
                                value.origin.empty() ? value.text : value.origin);
  }
  if (!task.context.empty()) task.context += ')';
  context_ = task.context;
}

void TaskMaker::name(ExpandedTask& task) {
  task.name = text(TaskKey::name);
  Place const place = source_.place_of(TaskKey::name);
  if (is_blank(task.name)) complain(place, "the task's name is empty");
  if (task.name.size() > name_bytes_max)
    complain(place, fmt::format("the task's name is {} bytes long", task.name.size()),
             fmt::format("at most {}", name_bytes_max));
  if (std::any_of(task.name.begin(), task.name.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    complain(place, "the task's name holds a line break or another control character",
             "write it on one line");
  name_ = task.name;
  bindings_.task_name = name_;
}

std::optional<MediaInput> TaskMaker::input(Template const& given, InputKind kind) {
  auto named = media_input(campaign_, given.render(bindings_), given.place(), kind);
  if (named) return *std::move(named);
  complain(given.place(), std::move(named.error().what), std::move(named.error().mend));
  return std::nullopt;
}

std::optional<MediaInput> TaskMaker::input(TaskKey key, InputKind kind) {
  auto const& given = source_.text(key);
  return given ? input(*given, kind) : std::nullopt;
}

void TaskMaker::inputs(Request& request) {
  request.image_start = input(TaskKey::image_start, InputKind::picture);
  request.image_end = input(TaskKey::image_end, InputKind::picture);
  for (Template const& image : source_.images)
    if (auto one = input(image, InputKind::picture)) request.images.push_back(*std::move(one));
  request.video = input(TaskKey::video, InputKind::video);
}

void TaskMaker::elements(Request& request) {
  for (Template const& given : source_.elements) {
    std::string const name = given.render(bindings_);
    auto const found = campaign_.elements.find(name);
    if (found != campaign_.elements.end()) {
      request.elements.push_back(found->second.element);
      continue;
    }
    std::vector<std::string> names;
    for (auto const& [known, element] : campaign_.elements) names.push_back(known);
    complain(given.place(), fmt::format("there is no element `{}`", name),
             names.empty()
                 ? "say what it is, at the top: `elements: {hero: {description: a red fox, frontal: "
                   "fox.png, references: [side.png]}}`"
                 : mend_with_choices(name, names));
  }
}

void TaskMaker::mode(Request& request) {
  bool const refers = !request.images.empty();
  request.mode = request.image_start ? Mode::image_to_video
                 : refers            ? Mode::reference_to_video
                                     : Mode::text_to_video;
  if (!source_.text(TaskKey::mode)) {
    if (request.video)
      complain(source_.place_of(TaskKey::video), "what is to be done with the video is not said",
               "add `mode: motion-control`, `mode: video-edit` or `mode: reference-to-video`");
    return;
  }
  std::string const given = text(TaskKey::mode);
  if (auto const parsed = parse_mode(given); parsed && makes_clips(*parsed))
    request.mode = *parsed;
  else
    complain(source_.place_of(TaskKey::mode), fmt::format("`{}` is not a mode", given),
             mend_with_choices(given, mode_names()));
}

void TaskMaker::look(ExpandedTask& task) {
  for (Template const& quality : source_.qualities) {
    std::string const given = quality.render(bindings_);
    auto const parsed = parse_quality(given);
    if (!parsed)
      complain(quality.place(), fmt::format("`{}` is not a quality", given),
               mend_with_choices(given, quality_names()));
    else if (std::find(task.ladder.begin(), task.ladder.end(), *parsed) != task.ladder.end())
      complain(quality.place(), fmt::format("`{}` stands twice in the ladder", given),
               "name each quality once, best first");
    else
      task.ladder.push_back(*parsed);
  }
  if (task.ladder.empty()) task.ladder.push_back(Quality::p720);
  task.request.quality = task.ladder.front();

  if (source_.text(TaskKey::aspect_ratio)) {
    std::string const given = text(TaskKey::aspect_ratio);
    task.request.aspect_ratio = parse_aspect_ratio(given);
    if (!task.request.aspect_ratio)
      complain(source_.place_of(TaskKey::aspect_ratio), fmt::format("`{}` is not an aspect ratio", given),
               R"(write "16:9", "9:16" or "1:1")");
  }
  if (source_.text(TaskKey::watermark)) task.request.watermark = lower(text(TaskKey::watermark)) == "true";
  if (source_.text(TaskKey::keep_sound)) task.request.keep_sound = lower(text(TaskKey::keep_sound)) == "true";
  if (source_.text(TaskKey::orientation)) {
    std::string const given = text(TaskKey::orientation);
    task.request.orientation = parse_orientation(given);
    if (!task.request.orientation)
      complain(source_.place_of(TaskKey::orientation),
               fmt::format("`{}` is not a way a character can face", given),
               "write image (as in the picture) or video (as in the video)");
  }
}

void TaskMaker::sound(Request& request) {
  if (!source_.text(TaskKey::sound)) return;
  std::string const given = lower(text(TaskKey::sound));
  auto const parsed = given == "true" ? Sound::on : given == "false" ? Sound::off : parse_sound(given);
  if (parsed)
    request.sound = *parsed;
  else
    complain(source_.place_of(TaskKey::sound), fmt::format("`{}` is neither on nor off", given),
             "write on or off");
}

std::optional<std::chrono::seconds> TaskMaker::seconds(Template const& value, std::string_view name) {
  std::string const given = value.render(bindings_);
  auto const number = whole_number(given);
  if (number && *number >= 1 && *number <= duration_s_max) return std::chrono::seconds{*number};
  complain(value.place(), fmt::format("{} must be a whole number of seconds; it is `{}`", name, given),
           "write the number alone: 5");
  return std::nullopt;
}

void TaskMaker::shots(Request& request) {
  std::optional<std::chrono::seconds> duration;
  auto const& given = source_.text(TaskKey::duration);
  if (given) duration = seconds(*given, "`duration`");
  std::chrono::seconds sum{0};
  bool whole = true;
  for (ShotTemplate const& shot : source_.shots) {
    auto const length = seconds(shot.duration, "a shot's `duration`");
    whole = whole && length.has_value();
    request.shots.push_back({.prompt = shot.prompt.render(bindings_), .duration = length.value_or(sum)});
    sum += length.value_or(std::chrono::seconds{0});
  }
  if (request.shots.empty()) {
    request.shot_planning = source_.automatic_shots ? ShotPlanning::intelligence : ShotPlanning::single;
    request.duration = duration.value_or(standard_duration);
    return;
  }
  request.shot_planning = ShotPlanning::customize;
  request.duration = sum;
  if (whole && duration && *duration != sum)
    complain(
        given->place(),
        fmt::format("the shots last {} s together, but `duration` is {}", sum.count(), duration->count()),
        fmt::format("leave `duration` out, or make it {}", sum.count()));
}

int TaskMaker::integer(TaskKey key, int fallback, int least, int most) {
  auto const& found = source_.text(key);
  if (!found) return fallback;
  std::string const given = found->render(bindings_);
  auto const number = whole_number(given);
  if (number && *number >= least && *number <= most) return *number;
  complain(found->place(), fmt::format("`{}` is not a whole number from {} to {}", given, least, most));
  return fallback;
}

void TaskMaker::tags(ExpandedTask& task) {
  for (Template const& given : source_.tags) {
    std::string tag{trimmed(given.render(bindings_))};
    if (tag.empty()) continue;  // a column that is empty for this row
    bool const odd =
        tag.front() == '!' || tag.find(',') != std::string::npos ||
        std::any_of(tag.begin(), tag.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (odd || tag.size() > tag_bytes_max)
      complain(given.place(), fmt::format("`{}` cannot be a tag", tag.substr(0, tag_bytes_max)),
               "a tag is a short text on one line, without commas, that does not begin with `!`");
    else if (std::find(task.tags.begin(), task.tags.end(), tag) == task.tags.end())
      task.tags.push_back(std::move(tag));
  }
}

void TaskMaker::deadline(ExpandedTask& task) {
  auto const& given = source_.text(TaskKey::deadline);
  if (!given) return;
  std::string const text = given->render(bindings_);
  task.deadline = parse_deadline(text);
  if (!task.deadline)
    complain(given->place(), fmt::format("`{}` is not a deadline", text),
             "write a time after the run's start, 30m or 2h, or a date: 2026-12-01T18:00:00Z");
}

std::int64_t TaskMaker::value() {
  constexpr std::int64_t one = Credits::units_per_credit;
  constexpr std::int64_t most = 1'000'000 * one;
  auto const& found = source_.text(TaskKey::value);
  if (!found) return one;
  std::string const given = found->render(bindings_);
  // Four decimals, exactly, as amounts have them.
  auto const parsed = Credits::parse(given);
  if (parsed && parsed->units() > 0 && parsed->units() <= most) return parsed->units();
  complain(found->place(), fmt::format("`{}` is not a value above 0", given),
           "write what the clip is worth beside the others: 3, or 0.5");
  return one;
}

bool TaskMaker::place_output(ExpandedTask& task) {
  bindings_.take = std::to_string(task.take);
  auto path = output_path(*campaign_.output_file, bindings_);
  if (path) {
    task.output = *std::move(path);
    return true;
  }
  Place const written = campaign_.output_file->place();
  complain(written.line > 0 ? written : source_.place_of(TaskKey::name), path.error().what,
           path.error().mend);
  return false;
}

}  // namespace callsheet::manifest
