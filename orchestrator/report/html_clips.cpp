#include "orchestrator/report/html_parts.hpp"
#include "orchestrator/report/public_location.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace callsheet::assets {
extern std::string_view const report_clip_html;
extern std::string_view const report_attempt_html;
}  // namespace callsheet::assets

namespace callsheet::report {

namespace {

using kainjow::mustache::data;

std::string size_in_words(std::uint64_t bytes) {
  if (bytes < 1'000'000) return fmt::format("{} kB", (bytes + 999) / 1000);
  return fmt::format("{}.{} MB", bytes / 1'000'000, bytes % 1'000'000 / 100'000);
}

data pairs(std::vector<std::pair<std::string, std::string>> const& from) {
  data list{data::type::list};
  for (auto const& [name, value] : from) {
    data entry{data::type::object};
    entry["name"] = data{name};
    entry["value"] = data{value};
    list.push_back(entry);
  }
  return list;
}

/// "hero (el_123)", or the id alone of one that was made elsewhere.
std::string named(Element const& element) {
  if (element.name.empty()) return element.id;
  return element.id.empty() ? element.name : fmt::format("{} ({})", element.name, element.id);
}

/// Everything else that is known of a clip, for the large view.
std::vector<std::pair<std::string, std::string>> details(ClipLine const& clip) {
  Request const& request = clip.request;
  std::vector<std::pair<std::string, std::string>> list;
  auto const add = [&list](char const* name, std::string value) {
    if (!value.empty()) list.emplace_back(name, std::move(value));
  };
  add("Prompt", request.prompt);
  int shot = 0;
  for (Shot const& s : request.shots)
    list.emplace_back(fmt::format("Shot {}, {} s", ++shot, s.duration.count()), s.prompt);
  add("Negative prompt", request.negative_prompt);
  if (request.image_start) add("First frame", public_location(*request.image_start));
  if (request.image_end) add("Last frame", public_location(*request.image_end));
  for (Element const& element : request.elements) add("Element", named(element));
  for (MediaInput const& image : request.images) add("Shows", public_location(image));
  if (request.video) add("Made from", public_location(*request.video));
  add("Asked for", fmt::format("{}, {}, {} s, sound {}{}", to_string(request.mode),
                               to_string(request.quality), request.duration.count(), to_string(request.sound),
                               request.aspect_ratio ? ", " + to_string(*request.aspect_ratio) : ""));
  if (clip.file) {
    add("Came as", fmt::format("{} × {}, {}, {}, {}", clip.file->width, clip.file->height,
                               seconds_in_words(clip.file->length), size_in_words(clip.file->size_bytes),
                               clip.file->has_sound ? "with sound" : "no sound"));
    add("File", clip.file->path);
  }
  for (AttemptLine const& attempt : clip.attempts) {
    std::string line = fmt::format("{} on {}, billed {}", in_words(attempt.state), attempt.model.str(),
                                   to_string(attempt.billed));
    if (attempt.failure) line += fmt::format(": {}", in_words(attempt.failure->kind));
    if (attempt.failure && !attempt.failure->message.empty())
      line += fmt::format(" – {}", attempt.failure->message);
    if (!attempt.why.empty()) line += fmt::format("; chosen because {}", attempt.why);
    if (!attempt.then.empty()) line += fmt::format("; then: {}", attempt.then);
    list.emplace_back(fmt::format("Attempt {}", to_string(attempt.key)), std::move(line));
  }
  add("Identity", clip.identity.str());
  return list;
}

/// The one line under a card's model: what was bought and what came.
std::string facts(ClipLine const& clip) {
  std::string text = fmt::format("{} · {}", to_string(clip.quality), seconds_in_words(clip.request.duration));
  if (clip.file) text += fmt::format(" · {}", size_in_words(clip.file->size_bytes));
  if (clip.took) text += fmt::format(" · in {}", format_duration(*clip.took));
  return text;
}

data card(ResultModel const& model, ClipLine const& clip, std::string_view folder) {
  data entry{data::type::object};
  AspectRatio const frame = frame_of(clip);
  Spend const spend = spend_of(clip);
  entry["task"] = data{clip.task};
  entry["take"] = data{fmt::to_string(clip.take)};
  entry["token"] = data{std::string{to_string(clip.status)}};
  entry["words"] = data{std::string{in_words(clip.status)}};
  entry["model_id"] = text_or_nothing(clip.model.str());
  entry["labels"] = pairs(clip.labels);
  data tags{data::type::list};
  for (std::string const& tag : clip.tags) tags.push_back(data{tag});
  entry["tags"] = std::move(tags);
  entry["frame_width"] = data{fmt::to_string(frame.width)};
  entry["frame_height"] = data{fmt::to_string(frame.height)};
  ClipFile const none;
  ClipFile const& file = clip.file ? *clip.file : none;
  entry["url"] = text_or_nothing(file_url(file.path, folder));
  entry["poster"] = text_or_nothing(file_url(file.poster, folder));
  entry["filmstrip"] = text_or_nothing(file_url(file.filmstrip, folder));
  entry["sound"] = data{clip.file && clip.file->has_sound ? data::type::bool_true : data::type::bool_false};
  entry["length"] = text_or_nothing(clip.file ? seconds_in_words(clip.file->length) : "");
  entry["facts"] = data{facts(clip)};
  entry["price"] = data{to_string(clip.price)};
  bool const off_plan = spend_of(clip).billed != clip.price;
  entry["off_plan"] = data{off_plan ? data::type::bool_true : data::type::bool_false};
  entry["clip_billed"] = data{to_string(spend.billed)};
  entry["clip_usd"] = data{approximate_usd(spend.billed, model.head.usd_rate)};
  entry["clip_held"] = text_or_nothing(spend.held == Credits{} ? "" : to_string(spend.held));
  entry["clip_refund"] =
      text_or_nothing(spend.refund_expected == Credits{} ? "" : to_string(spend.refund_expected));
  bool const bought = clip.status != ClipStatus::reused;
  entry["bought"] = data{bought ? data::type::bool_true : data::type::bool_false};
  entry["made_by"] = data{clip.made_by.str()};
  entry["why"] = text_or_nothing(clip.why);
  entry["details"] = pairs(details(clip));
  return entry;
}

data problem_entry(Problem const& problem) {
  data names{data::type::list};
  for (std::string const& name : problem.names) names.push_back(data{name});
  std::size_t const n = static_cast<std::size_t>(problem.clips);
  data entry{data::type::object};
  entry["token"] = data{std::string{to_string(problem.status)}};
  entry["words"] = data{std::string{in_words(problem.status)}};
  entry["how_many"] =
      text_or_nothing(n > 1 ? fmt::format("{} {}", n, problem.elements ? "elements" : "clips") : "");
  entry["names"] = std::move(names);
  entry["more_names"] =
      text_or_nothing(n > problem.names.size() ? fmt::format("and {} more", n - problem.names.size()) : "");
  entry["reason"] = text_or_nothing(problem.why);
  entry["mend"] = text_or_nothing(problem.mend);
  entry["problem_held"] =
      text_or_nothing(problem.spend.held == Credits{} ? "" : to_string(problem.spend.held));
  entry["problem_refund"] = text_or_nothing(
      problem.spend.refund_expected == Credits{} ? "" : to_string(problem.spend.refund_expected));
  return entry;
}

data attempt_row(ClipLine const& clip, AttemptLine const& attempt) {
  data row{data::type::object};
  row["attempt_id"] = data{to_string(attempt.key)};
  row["clip_name"] = data{name_of(clip)};
  row["attempt_model"] = data{attempt.model.str()};
  row["state"] = data{std::string{to_string(attempt.state)}};
  row["state_words"] = data{std::string{in_words(attempt.state)}};
  row["gateway_task"] = text_or_nothing(attempt.task_id.str());
  row["submitted"] = data{date_in_words(attempt.submitted).substr(0, 19)};
  row["ran"] = text_or_nothing(attempt.ended ? format_duration(*attempt.ended - attempt.submitted) : "");
  row["row_billed"] = data{to_string(attempt.billed)};
  row["row_held"] = data{to_string(attempt.held)};
  row["row_refund"] = data{to_string(attempt.refund_expected)};
  row["failed_with"] = text_or_nothing(attempt.failure ? in_words(attempt.failure->kind) : "");
  return row;
}

}  // namespace

std::string seconds_in_words(std::chrono::milliseconds length) {
  auto const tenths = (length.count() + 50) / 100;
  return tenths % 10 == 0 ? fmt::format("{} s", tenths / 10)
                          : fmt::format("{}.{} s", tenths / 10, tenths % 10);
}

AspectRatio frame_of(ClipLine const& clip) {
  if (clip.file && clip.file->width > 0 && clip.file->height > 0)
    return {clip.file->width, clip.file->height};
  if (clip.request.aspect_ratio && clip.request.aspect_ratio->width > 0 &&
      clip.request.aspect_ratio->height > 0)
    return *clip.request.aspect_ratio;
  return {};
}

std::string file_url(std::string_view path, std::string_view folder) {
  if (path.empty()) return "";
  // "./": a name with a colon is no scheme
  return relative_url(fmt::format("{}/{}", folder.empty() ? "." : folder, path));
}

std::string name_of(ClipLine const& clip) {
  if (is_element(clip)) return clip.task;
  return fmt::format("{} · take {}", clip.task, clip.take);
}

std::string clip_cards(ResultModel const& model, std::string_view clips_folder) {
  Template piece{assets::report_clip_html};
  std::string cards;
  for (ClipLine const& clip : model.clips) cards += piece.render(card(model, clip, clips_folder));
  return cards;
}

data element_list(ResultModel const& model) {
  data list{data::type::list};
  for (ClipLine const& line : model.elements) {
    data entry{data::type::object};
    entry["element_name"] = data{line.request.name};
    entry["element_id"] = text_or_nothing(line.element);
    entry["element_is"] = data{line.request.prompt};
    entry["token"] = data{std::string{to_string(line.status)}};
    entry["words"] = data{std::string{in_words(line.status)}};
    entry["element_billed"] = data{to_string(spend_of(line).billed)};
    list.push_back(entry);
  }
  return list;
}

data problem_list(ResultModel const& model) {
  data list{data::type::list};
  for (Problem const& problem : model.problems) list.push_back(problem_entry(problem));
  return list;
}

std::string attempt_rows(ResultModel const& model) {
  Template piece{assets::report_attempt_html};
  std::string rows;
  auto const add = [&](ClipLine const& clip) {
    for (AttemptLine const& attempt : clip.attempts) rows += piece.render(attempt_row(clip, attempt));
  };
  for (ClipLine const& element : model.elements) add(element);
  for (ClipLine const& clip : model.clips) add(clip);
  return rows;
}

}  // namespace callsheet::report
