#include "orchestrator/report/junit_report.hpp"

#include "orchestrator/report/foreign_text.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

/// The characters of `meaningful` as references.
std::string xml_without(std::u32string_view meaningful, std::string_view text) {
  std::string safe;
  each_character(text, [&](char32_t point, std::string_view bytes) {
    if (meaningful.find(point) == std::u32string_view::npos)
      safe += bytes;
    else
      fmt::format_to(std::back_inserter(safe), "&#{};", static_cast<unsigned>(point));
    return true;
  });
  return safe;
}

/// As the value of an attribute, whose white space a reader would change.
std::string xml(std::string_view text) {
  return xml_without(U"&<>\"'\t\n\r", text);
}

/// Between tags.
std::string xml_content(std::string_view text) {
  return xml_without(U"&<>\r", text);
}

std::string in_seconds(std::chrono::milliseconds time) {
  return fmt::format("{}.{:03}", time.count() / 1000, time.count() % 1000);
}

std::string seconds_of(RunHead const& head) {
  auto const whole = head.ended ? *head.ended - head.started : Duration{0};
  return in_seconds(
      std::max(std::chrono::milliseconds{0}, std::chrono::floor<std::chrono::milliseconds>(whole)));
}

/// "campaign.value"; a dot within a part would be taken for one more level.
std::string class_of(RunHead const& head, ClipLine const& clip) {
  auto const part = [](std::string text) {
    std::replace(text.begin(), text.end(), '.', '_');
    return text;
  };
  std::string name = part(head.campaign);
  return clip.labels.empty() ? name : name + "." + part(clip.labels.front().second);
}

void add_property(std::string& text, std::string_view name, std::string_view value) {
  fmt::format_to(std::back_inserter(text), "      <property name=\"{}\" value=\"{}\"/>\n", name, xml(value));
}

std::string suite_properties(ResultModel const& model) {
  RunHead const& head = model.head;
  Totals const& totals = model.totals;
  std::string text = "    <properties>\n";
  add_property(text, "run", head.run.str());
  add_property(text, "status", to_string(head.status));
  add_property(text, "gateway", head.gateway);
  add_property(text, "real_money", is_rehearsal(head) ? "false" : "true");
  add_property(text, "catalog", head.catalog_name);
  add_property(text, "cap_credits", to_string(head.cap));
  add_property(text, "billed_credits", to_string(totals.billed));
  add_property(text, "held_credits", to_string(totals.held));
  add_property(text, "refund_expected_credits", to_string(totals.refund_expected));
  return text + "    </properties>\n";
}

/// What tools file the trouble under: the gateway's code, else the kind of failure.
std::string verdict_type(ClipLine const& clip) {
  if (clip.status != ClipStatus::failed || clip.attempts.empty() || !clip.attempts.back().failure)
    return std::string{to_string(clip.status)};
  Failure const& failure = *clip.attempts.back().failure;
  return failure.code.empty() ? std::string{to_string(failure.kind)} : failure.code;
}

std::string attempts_told(ClipLine const& clip) {
  std::string text;
  if (!clip.mend.empty()) text += clip.mend + "\n";
  for (AttemptLine const& attempt : clip.attempts) {
    text += fmt::format("attempt {}: {} {}, {}", attempt.key.ordinal, attempt.model.str(),
                        to_string(attempt.quality), in_words(attempt.state));
    if (!attempt.task_id.empty()) text += fmt::format(", task {}", attempt.task_id.str());
    if (attempt.failure) {
      text += fmt::format(": {}", attempt.failure->message);
      if (!attempt.failure->code.empty()) text += fmt::format(" ({})", attempt.failure->code);
    }
    text += '\n';
  }
  return text;
}

char const* element_of(ClipStatus status) {
  switch (status) {
    case ClipStatus::made:
    case ClipStatus::reused:
      break;
    case ClipStatus::mismatched:
    case ClipStatus::failed:
      return "failure";
    case ClipStatus::in_doubt:
    case ClipStatus::outstanding:
      return "error";
    case ClipStatus::waiting:
    case ClipStatus::skipped:
      return "skipped";
  }
  return nullptr;
}

/// Jenkins and GitLab attach what an output names as [[ATTACHMENT|file]]: nothing foreign may ask for that.
std::string without_attachments(std::string text) {
  for (std::size_t at = 0; (at = text.find("[[", at)) != std::string::npos; ++at) text.insert(at + 1, 1, ' ');
  return text;
}

std::string output_of(ClipLine const& clip) {
  Spend const spend = spend_of(clip);
  std::string text = fmt::format("status: {}\n", in_words(clip.status));
  if (!clip.model.empty()) text += fmt::format("model: {} {}\n", clip.model.str(), to_string(clip.quality));
  text += fmt::format("billed: {} credits\n", to_string(spend.billed));
  if (spend.held != Credits{}) text += fmt::format("held: {} credits\n", to_string(spend.held));
  if (spend.refund_expected != Credits{})
    text += fmt::format("refund expected: {} credits\n", to_string(spend.refund_expected));
  if (!clip.made_by.empty()) text += fmt::format("made by run: {}\n", clip.made_by.str());
  if (clip.file) text += fmt::format("file: {}\n", clip.file->path);
  return without_attachments(std::move(text));
}

}  // namespace

JunitReport::JunitReport(ResultModel const& model, TextSink out) : model_{model}, out_{std::move(out)} {
  RunHead const& head = model.head;
  Totals const& totals = model.totals;
  auto const breached = std::count_if(model.thresholds.begin(), model.thresholds.end(),
                                      [](ThresholdLine const& one) { return !one.kept; });
  int const errors = totals.in_doubt + totals.outstanding;
  int const failures = totals.failed + totals.mismatched;
  out_(fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n"
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\" "
      "timestamp=\"{}\">\n",
      xml(head.campaign), totals.clips + static_cast<int>(model.thresholds.size()), failures + breached,
      errors, seconds_of(head), xml(head.campaign), totals.clips, failures, errors,
      totals.skipped + totals.waiting, seconds_of(head), format_rfc3339(head.started)));
  out_(suite_properties(model));
}

void JunitReport::add(ClipLine const& clip) {
  if (is_element(clip)) return;  // what comes of one shows in the clips that need it
  text_ = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(class_of(model_.head, clip)),
                      xml(fmt::format("{} · take {}", clip.task, clip.take)));
  auto const out = std::back_inserter(text_);
  if (clip.took) fmt::format_to(out, " time=\"{}\"", in_seconds(*clip.took));
  text_ += ">\n";
  if (char const* const element = element_of(clip.status))
    fmt::format_to(out, "      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", element,
                   xml(verdict_type(clip)), xml(clip.why), xml_content(attempts_told(clip)));
  fmt::format_to(out, "      <system-out>{}</system-out>\n    </testcase>\n", xml_content(output_of(clip)));
  out_(text_);
}

void JunitReport::end() {
  std::string const campaign = xml(model_.head.campaign);
  text_ = "  </testsuite>\n";
  auto const out = std::back_inserter(text_);
  if (!model_.thresholds.empty()) {
    auto const breached = std::count_if(model_.thresholds.begin(), model_.thresholds.end(),
                                        [](ThresholdLine const& one) { return !one.kept; });
    fmt::format_to(
        out,
        "  <testsuite name=\"{} thresholds\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"0\" "
        "time=\"0.000\">\n",
        campaign, model_.thresholds.size(), breached);
    for (ThresholdLine const& one : model_.thresholds) {
      std::string const stands = one.value.empty() ? "nothing made" : one.value;
      fmt::format_to(out, "    <testcase classname=\"{}.thresholds\" name=\"{}\">\n",
                     xml(class_of(model_.head, {})), xml(one.text));
      if (!one.kept)
        fmt::format_to(out, "      <failure type=\"threshold\" message=\"it stands at {}\"/>\n", xml(stands));
      text_ += "    </testcase>\n";
    }
    text_ += "  </testsuite>\n";
  }
  text_ += "</testsuites>\n";
  out_(text_);
}

}  // namespace callsheet::report
