#include "orchestrator/report/html_report.hpp"

#include "orchestrator/core/assert.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/report/html_parts.hpp"
#include "orchestrator/report/next_step.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

namespace callsheet::assets {
extern std::string_view const report_html;
extern std::string_view const report_css;
extern std::string_view const report_js;
}  // namespace callsheet::assets

namespace callsheet::report {

namespace {

using kainjow::mustache::data;

/// How the policy names an inline style or script: 'sha256-<base64 of the digest>'.
std::string csp_hash(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string const hex = sha256_hex(text);
  std::string base64;
  unsigned bits = 0;
  int waiting = 0;
  for (char const digit : hex) {
    bits = (bits << 4) | static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    waiting += 4;
    if (waiting < 6) continue;
    waiting -= 6;
    base64 += alphabet[(bits >> waiting) & 63U];
  }
  base64 += alphabet[(bits << (6 - waiting)) & 63U];  // 256 bits: four are left, and one '=' fills up
  return fmt::format("'sha256-{}='", base64);
}

struct Part {
  std::string_view name;  ///< also the CSS class
  std::int64_t amount = 0;
};

/// Segments of a bar 1000 wide. Each segment that is not empty can be seen; the last one takes the rounding.
data bar(std::vector<Part> const& parts, std::int64_t whole) {
  data list{data::type::list};
  std::int64_t at = 0, from = 0;
  for (Part const& part : parts) {
    if (part.amount <= 0 || whole <= 0) continue;
    at += part.amount;
    std::int64_t const to =
        std::clamp<std::int64_t>(at * 1000 / whole, from + 4, std::max<std::int64_t>(1000, from + 4));
    data segment{data::type::object};
    segment["part"] = data{std::string{part.name}};
    segment["x"] = data{fmt::to_string(from)};
    segment["width"] = data{fmt::to_string(to - from)};
    list.push_back(segment);
    from = to;
  }
  return list;
}

data counts(Totals const& totals) {
  data list{data::type::list};
  for (auto const& [status, n] : {std::pair{ClipStatus::made, totals.made},
                                  {ClipStatus::mismatched, totals.mismatched},
                                  {ClipStatus::reused, totals.reused},
                                  {ClipStatus::failed, totals.failed},
                                  {ClipStatus::in_doubt, totals.in_doubt},
                                  {ClipStatus::waiting, totals.waiting},
                                  {ClipStatus::skipped, totals.skipped},
                                  {ClipStatus::outstanding, totals.outstanding}}) {
    if (n == 0) continue;
    data entry{data::type::object};
    entry["token"] = data{std::string{to_string(status)}};
    entry["words"] = data{std::string{in_words(status)}};
    entry["count"] = data{fmt::to_string(n)};
    list.push_back(entry);
  }
  return list;
}

data model_list(ResultModel const& model) {
  data list{data::type::list};
  for (ModelTotals const& line : model.models) {
    data entry{data::type::object};
    entry["model_name"] = data{line.model.str()};
    entry["model_clips"] = data{fmt::format("{} clip{}", line.clips, line.clips == 1 ? "" : "s")};
    entry["model_attempts"] = data{fmt::format("{} attempt{}", line.attempts, line.attempts == 1 ? "" : "s")};
    entry["model_billed"] = data{to_string(line.spend.billed)};
    entry["model_usd"] = data{approximate_usd(line.spend.billed, model.head.usd_rate)};
    list.push_back(entry);
  }
  return list;
}

data checks(ResultModel const& model) {
  data list{data::type::list};
  for (ThresholdLine const& line : model.thresholds) {
    data entry{data::type::object};
    entry["check"] = data{line.text};
    entry["token"] = data{std::string{line.kept ? "made" : "failed"}};
    entry["words"] = data{std::string{line.kept ? "kept" : "not kept"}};
    entry["stands_at"] = text_or_nothing(line.value);
    list.push_back(entry);
  }
  return list;
}

data notes(ResultModel const& model) {
  data list{data::type::list};
  for (std::string const& note : model.head.notes) list.push_back(data{note});
  return list;
}

data flag(bool value) {
  return data{value ? data::type::bool_true : data::type::bool_false};
}

data steps(ResultModel const& model) {
  data list{data::type::list};
  for (NextStep const& step : next_steps(model)) {
    data entry{data::type::object};
    entry["command"] = data{step.command};
    entry["what"] = data{step.what};
    list.push_back(entry);
  }
  return list;
}

void set_header(data& page, ResultModel const& model) {
  page["campaign"] = data{model.head.campaign};
  page["run"] = data{model.head.run.str()};
  page["run_status"] = data{std::string{to_string(model.head.status)}};
  page["run_status_words"] = data{std::string{in_words(model.head.status)}};
  page["gateway"] = data{model.head.gateway};
  page["rehearsal"] = flag(is_rehearsal(model.head));
  page["started"] = data{date_in_words(model.head.started)};
  page["started_machine"] = data{format_rfc3339(model.head.started)};
  page["ran_for"] =
      text_or_nothing(model.head.ended ? format_duration(*model.head.ended - model.head.started) : "");
  page["catalog"] = data{model.head.catalog_name};
  page["version"] = data{model.head.program_version};
}

void set_money(data& page, ResultModel const& model, Totals const& totals) {
  auto const amount = [&](char const* name, Credits credits) {
    page[name] = data{to_string(credits)};
    page[fmt::format("{}_usd", name)] = data{approximate_usd(credits, model.head.usd_rate)};
  };
  amount("billed", totals.billed);
  amount("held", totals.held);
  amount("refund", totals.refund_expected);
  amount("committed", totals.committed());
  amount("cap", model.head.cap);
  amount("left", model.head.cap - totals.committed());
  page["per_usd"] = data{fmt::to_string(static_cast<std::int64_t>(model.head.usd_rate))};
  std::int64_t const whole = std::max(model.head.cap, totals.committed()).units();
  page["money_bar"] = bar({{"billed", totals.billed.units()},
                           {"held", totals.held.units()},
                           {"refund", totals.refund_expected.units()}},
                          whole);
}

}  // namespace

std::string policy_of(std::string_view css, std::string_view js) {
  return fmt::format(
      "default-src 'none'; style-src {}; script-src {}; media-src 'self' file:; img-src 'self' file: data:; base-uri "
      "'none'; "
      "form-action 'none'",
      csp_hash(css), csp_hash(js));
}

std::string Template::render(data const& values) {
  std::string text;
  document_->render(values, [&text](std::string const& part) { text += part; });
  CALLSHEET_ASSERT(document_->is_valid());
  return text;
}

Template::Template(std::string_view text)
    : document_{std::make_unique<kainjow::mustache::mustache>(std::string{text})} {
  CALLSHEET_ASSERT(document_->is_valid());
}

Template::~Template() = default;

data text_or_nothing(std::string_view text) {
  return text.empty() ? data{data::type::bool_false} : data{std::string{text}};
}

std::string date_in_words(TimePoint at) {
  std::string const text = format_rfc3339(at);
  return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 8));
}

std::string html_report(ResultModel const& model, std::string_view clips_folder) {
  Totals const& totals = model.totals;
  data page{data::type::object};
  page["policy"] = data{policy_of(assets::report_css, assets::report_js)};
  page["css"] = data{std::string{assets::report_css}};
  page["js"] = data{std::string{assets::report_js}};
  set_header(page, model);
  set_money(page, model, totals);
  page["clips_total"] = data{fmt::to_string(totals.clips)};
  page["clips_there"] = data{fmt::to_string(totals.made + totals.mismatched + totals.reused)};
  page["counts"] = counts(totals);
  page["count_bar"] = bar({{"made", totals.made},
                           {"mismatched", totals.mismatched},
                           {"reused", totals.reused},
                           {"failed", totals.failed},
                           {"in_doubt", totals.in_doubt},
                           {"waiting", totals.waiting},
                           {"skipped", totals.skipped},
                           {"outstanding", totals.outstanding}},
                          totals.clips);
  page["models"] = model_list(model);
  page["any_element"] = flag(!model.elements.empty());
  page["elements"] = element_list(model);
  page["steps"] = steps(model);
  page["any_steps"] = flag(!next_steps(model).empty());
  page["any_problem"] = flag(!model.problems.empty());
  page["problems"] = problem_list(model);
  page["any_check"] = flag(!model.thresholds.empty() || !model.head.notes.empty());
  page["checks"] = checks(model);
  page["notes"] = notes(model);
  int const left_out = totals.clips - static_cast<int>(model.clips.size());
  page["left_out"] = text_or_nothing(left_out > 0 ? fmt::to_string(left_out) : "");
  page["cards"] = data{clip_cards(model, clips_folder)};
  page["timeline"] = timeline(model);
  page["attempts"] = data{attempt_rows(model)};
  page["attempts_total"] = data{fmt::to_string(totals.attempts)};
  return Template{assets::report_html}.render(page);
}

}  // namespace callsheet::report
