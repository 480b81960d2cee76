#include "orchestrator/report/storyboard.hpp"

#include "orchestrator/report/html_parts.hpp"
#include "orchestrator/report/public_location.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace callsheet::assets {
extern std::string_view const storyboard_html;
extern std::string_view const storyboard_board_html;
extern std::string_view const storyboard_css;
extern std::string_view const storyboard_js;
}  // namespace callsheet::assets

namespace callsheet::report {

namespace {

using kainjow::mustache::data;

/// The whole clip is one shot where none were asked for.
std::vector<Shot> shots_of(Request const& request) {
  if (!request.shots.empty()) return request.shots;
  return {{.prompt = request.prompt, .duration = request.duration}};
}

/// Bars side by side, each as wide as its shot is long; lengths stand in the bars, in tenths of a percent.
data shot_list(std::vector<Shot> const& shots) {
  std::chrono::seconds whole{0};
  for (Shot const& shot : shots) whole += shot.duration;
  data list{data::type::list};
  std::chrono::seconds past{0};
  int number = 0;
  for (Shot const& shot : shots) {
    auto const tenths = [&](std::chrono::seconds at) {
      return whole.count() == 0 ? 0 : at.count() * 1000 / whole.count();
    };
    auto const percent = [](std::int64_t at) { return fmt::format("{}.{}%", at / 10, at % 10); };
    std::int64_t const from = tenths(past);
    past += shot.duration;
    data entry{data::type::object};
    entry["number"] = data{fmt::to_string(++number)};
    entry["seconds"] = data{fmt::to_string(shot.duration.count())};
    entry["prompt"] = data{shot.prompt};
    entry["x"] = data{percent(from)};
    entry["width"] = data{percent(tenths(past) - from)};
    entry["middle"] = data{percent((from + tenths(past)) / 2)};
    entry["shade"] = data{std::string{number % 2 == 0 ? "even" : "odd"}};
    list.push_back(entry);
  }
  return list;
}

std::string made_from(Request const& request) {
  std::string text;
  auto const add = [&text](char const* what, std::string const& value) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " · ", what, value);
  };
  if (request.image_start) add("from", public_location(*request.image_start));
  if (request.image_end) add("to", public_location(*request.image_end));
  for (MediaInput const& image : request.images) add("shows", public_location(image));
  if (request.video) add("edits", public_location(*request.video));
  for (Element const& element : request.elements)
    add("with", element.name.empty() ? element.id : element.name);
  return text;
}

data board(ClipLine const& clip, std::size_t number, std::string_view folder, CreditsPerUsd usd_rate) {
  AspectRatio const frame = frame_of(clip);
  std::vector<Shot> const shots = shots_of(clip.request);
  data entry{data::type::object};
  entry["board_number"] = data{fmt::to_string(number)};
  entry["task"] = data{clip.task};
  entry["take"] = text_or_nothing(clip.take > 1 ? fmt::to_string(clip.take) : "");
  entry["url"] = text_or_nothing(clip.file ? file_url(clip.file->path, folder) : "");
  entry["why"] = data{clip.why};
  entry["frame_width"] = data{fmt::to_string(frame.width)};
  entry["frame_height"] = data{fmt::to_string(frame.height)};
  entry["length"] = data{seconds_in_words(clip.request.duration)};
  entry["sound"] = data{clip.request.sound == Sound::on};
  entry["quality"] = data{std::string{to_string(clip.quality)}};
  entry["model"] = text_or_nothing(clip.model.str().empty() ? clip.first_choice.str() : clip.model.str());
  entry["price"] = data{to_string(clip.price)};
  entry["usd"] = data{approximate_usd(clip.price, usd_rate)};
  entry["made_from"] = text_or_nothing(made_from(clip.request));
  entry["negative"] = text_or_nothing(clip.request.negative_prompt);
  entry["several"] = data{shots.size() > 1};
  entry["shots"] = shot_list(shots);
  data tags{data::type::list};
  for (std::string const& tag : clip.tags) tags.push_back(data{tag});
  entry["tags"] = std::move(tags);
  return entry;
}

}  // namespace

std::string storyboard(ResultModel const& model, std::string_view clips_folder, Credits cap) {
  Template piece{assets::storyboard_board_html};
  std::string boards;
  std::size_t number = 0;
  std::chrono::milliseconds whole{0};
  Credits price;
  for (ClipLine const& clip : model.clips) {
    boards += piece.render(board(clip, ++number, clips_folder, model.head.usd_rate));
    whole += clip.request.duration;
    price += clip.price;
  }
  for (ClipLine const& element : model.elements) price += element.price;
  data page{data::type::object};
  page["policy"] = data{policy_of(assets::storyboard_css, assets::storyboard_js)};
  page["css"] = data{std::string{assets::storyboard_css}};
  page["js"] = data{std::string{assets::storyboard_js}};
  page["campaign"] = data{model.head.campaign};
  page["drawn"] = data{date_in_words(model.head.started)};
  page["clips"] = data{fmt::format("{} clip{}", number, number == 1 ? "" : "s")};
  page["whole"] = data{format_duration(whole)};
  page["price"] = data{to_string(price)};
  page["usd"] = data{approximate_usd(price, model.head.usd_rate)};
  page["cap"] = data{to_string(cap)};
  page["above_cap"] = data{price > cap};
  page["catalog"] = data{model.head.catalog_name};
  page["version"] = data{model.head.program_version};
  int const left_out = model.totals.clips - static_cast<int>(model.clips.size());
  page["left_out"] = text_or_nothing(left_out > 0 ? fmt::to_string(left_out) : "");
  page["boards"] = data{boards};
  return Template{assets::storyboard_html}.render(page);
}

}  // namespace callsheet::report
