#include "orchestrator/report/markdown_report.hpp"

#include "orchestrator/report/markdown_text.hpp"
#include "orchestrator/report/next_step.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

constexpr std::size_t problems_most = 20;
constexpr std::size_t models_most = 20;
constexpr std::size_t clips_most = 50;
constexpr std::size_t lines_most = 20;    // of thresholds and of notes
constexpr std::size_t open_at_most = 20;  // a longer table waits to be opened

std::string heading_part(RunHead const& head) {
  std::string text = fmt::format("<!-- callsheet run -->\n### callsheet: {} · {}\n\n",
                                 markdown_words(head.campaign, 80), in_words(head.status));
  text += fmt::format("Run {}", markdown_code(head.run.str()));
  if (head.ended) text += fmt::format(", {}", format_duration(*head.ended - head.started));
  if (is_rehearsal(head)) text += ", local gateway: no real money";
  return text + "\n\n";
}

std::string figures_part(Totals const& totals) {
  std::string text = fmt::format("**{} of {} clips are there**",
                                 totals.made + totals.mismatched + totals.reused, totals.clips);
  auto const part = [&text](int n, std::string_view what) {
    if (n > 0) text += fmt::format(", {} {}", n, what);
  };
  part(totals.reused, "of them made before and not bought again");
  part(totals.mismatched, "of them not as ordered");
  part(totals.in_doubt, "in doubt");
  part(totals.failed, "failed");
  part(totals.skipped, "skipped");
  part(totals.waiting, "waiting for another run");
  part(totals.outstanding, "outstanding");
  if (ElementTotals const& elements = totals.elements; elements.elements > 0)
    text += fmt::format("; {} of {} element{} that they show {} there", elements.made + elements.reused,
                        elements.elements, elements.elements == 1 ? "" : "s",
                        elements.elements == 1 ? "is" : "are");
  return text + "\n\n";
}

std::string money_part(ResultModel const& model) {
  Totals const& totals = model.totals;
  std::string text = "| money | credits | about |\n| --- | ---: | ---: |\n";
  auto const row = [&](std::string_view name, Credits amount) {
    fmt::format_to(std::back_inserter(text), "| {} | {} | {} |\n", name, to_string(amount),
                   markdown_words(approximate_usd(amount, model.head.usd_rate)));
  };
  row("billed", totals.billed);
  if (totals.held != Credits{}) row("held, outcome not known yet", totals.held);
  if (totals.refund_expected != Credits{}) row("expected back, counted until seen", totals.refund_expected);
  row("counted against the cap", totals.committed());
  row("cap", model.head.cap);
  return text + "\n";
}

std::string names_cell(Problem const& problem) {
  std::string const first = markdown_code(problem.names.front());
  return problem.clips == 1
             ? first
             : fmt::format("{} {}, {} first", problem.clips, problem.elements ? "elements" : "clips", first);
}

std::string problems_part(ResultModel const& model) {
  if (model.problems.empty()) return {};
  std::string text = "#### To look at\n\n| | clips | why | what to do |\n| --- | --- | --- | --- |\n";
  int left = 0;
  for (std::size_t i = 0; i < model.problems.size(); ++i) {
    Problem const& one = model.problems[i];
    if (i >= problems_most)
      left += one.clips;
    else
      fmt::format_to(std::back_inserter(text), "| {} | {} | {} | {} |\n", in_words(one.status),
                     names_cell(one), markdown_words(one.why), markdown_words(one.mend));
  }
  if (left > 0) text += fmt::format("\n{} more clips have other reasons: `report.csv` has them all.\n", left);
  return text + "\n";
}

std::string next_part(ResultModel const& model) {
  std::string text;
  for (NextStep const& step : next_steps(model))
    text += fmt::format("- {}: {}\n", markdown_code(step.command), step.what);
  return text.empty() ? text : text + "\n";
}

std::string thresholds_part(std::vector<ThresholdLine> const& lines) {
  std::string text;
  std::size_t shown = 0;
  for (ThresholdLine const& one : lines) {
    if (one.kept || shown++ >= lines_most) continue;
    text += fmt::format("- The threshold {} was not kept: it stands at {}\n", markdown_code(one.text),
                        one.value.empty() ? "nothing made" : markdown_words(one.value));
  }
  return text;
}

std::string notes_part(std::vector<std::string> const& lines) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), lines_most); ++i)
    text += fmt::format("- {}\n", markdown_words(lines[i]));
  if (lines.size() > lines_most) text += fmt::format("- and {} more notes\n", lines.size() - lines_most);
  return text;
}

std::string models_part(std::vector<ModelTotals> const& lines) {
  if (lines.empty()) return {};
  std::string text =
      "| model | clips | attempts | billed | held | expected back |\n| --- | ---: | ---: | ---: | ---: | ---: |\n";
  for (std::size_t i = 0; i < std::min(lines.size(), models_most); ++i)
    fmt::format_to(std::back_inserter(text), "| {} | {} | {} | {} | {} | {} |\n",
                   markdown_code(lines[i].model.str()), lines[i].clips, lines[i].attempts,
                   to_string(lines[i].spend.billed), to_string(lines[i].spend.held),
                   to_string(lines[i].spend.refund_expected));
  if (lines.size() > models_most) text += fmt::format("\nand {} more models\n", lines.size() - models_most);
  return text + "\n";
}

int place_of(ClipStatus status) {
  switch (status) {
    case ClipStatus::in_doubt:
      return 0;
    case ClipStatus::mismatched:
      return 1;
    case ClipStatus::failed:
      return 2;
    case ClipStatus::outstanding:
      return 3;
    case ClipStatus::waiting:
      return 4;
    case ClipStatus::skipped:
      return 5;
    case ClipStatus::made:
    case ClipStatus::reused:
      break;
  }
  return 6;
}

std::string clip_row(ClipLine const& clip) {
  Spend const spend = spend_of(clip);
  std::string const model =
      clip.model.empty() ? ""
                         : fmt::format("{} {}", markdown_code(clip.model.str()), to_string(clip.quality));
  return fmt::format("| {} | {} | {} | {} | {} |\n", in_words(clip.status),
                     markdown_code(fmt::format("{} · take {}", clip.task, clip.take)), model,
                     to_string(spend.committed()), clip.file ? markdown_code(clip.file->path) : "");
}

std::string clips_part(ResultModel const& model) {
  std::vector<ClipLine const*> order;
  for (ClipLine const& clip : model.clips) order.push_back(&clip);
  std::stable_sort(order.begin(), order.end(), [](ClipLine const* a, ClipLine const* b) {
    return place_of(a->status) < place_of(b->status);
  });
  if (order.size() > clips_most) order.resize(clips_most);
  if (order.empty()) return {};
  auto const total = static_cast<std::size_t>(model.totals.clips);
  std::string const title = total == order.size() ? fmt::format("{} clips", total)
                                                  : fmt::format("{} of {} clips", order.size(), total);
  std::string text =
      fmt::format("<details{}><summary>{}</summary>\n\n", total > open_at_most ? "" : " open", title);
  text += "| | clip | model | credits | file |\n| --- | --- | --- | ---: | --- |\n";
  for (ClipLine const* const clip : order) text += clip_row(*clip);
  if (total > order.size())
    text += fmt::format("\n{} clips are left out here: `report.csv` and `report.html` have them.\n",
                        total - order.size());
  return text + "\n</details>\n";
}

}  // namespace

std::string markdown_report(ResultModel const& model) {
  std::string const remarks = thresholds_part(model.thresholds) + notes_part(model.head.notes);
  return heading_part(model.head) + figures_part(model.totals) + problems_part(model) + next_part(model) +
         (remarks.empty() ? "" : remarks + "\n") + money_part(model) + models_part(model.models) +
         clips_part(model);
}

}  // namespace callsheet::report
