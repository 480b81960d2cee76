#include "orchestrator/report/text_summary.hpp"

#include "orchestrator/report/next_step.hpp"
#include "orchestrator/report/printable.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

constexpr int problems_shown = 10;  // the rest is in the report: a summary that scrolls away is none

std::string heading(ResultModel const& model) {
  std::string line = fmt::format("{} · run {} · {}", printable(model.head.campaign), model.head.run.str(),
                                 in_words(model.head.status));
  if (model.head.ended) line += fmt::format(" · {}", format_duration(*model.head.ended - model.head.started));
  if (is_rehearsal(model.head)) line += " · local gateway, no real money";
  return line + "\n\n";
}

std::string counts_line(Totals const& totals) {
  std::vector<std::string> parts;
  auto const part = [&parts](int n, ClipStatus status) {
    if (n > 0) parts.push_back(fmt::format("{} {}", n, in_words(status)));
  };
  part(totals.made, ClipStatus::made);
  part(totals.mismatched, ClipStatus::mismatched);
  part(totals.reused, ClipStatus::reused);
  part(totals.failed, ClipStatus::failed);
  part(totals.in_doubt, ClipStatus::in_doubt);
  part(totals.waiting, ClipStatus::waiting);
  part(totals.skipped, ClipStatus::skipped);
  part(totals.outstanding, ClipStatus::outstanding);
  return fmt::format("  clips   {} of {}\n",
                     parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", ")), totals.clips);
}

std::string elements_line(ElementTotals const& totals) {
  if (totals.elements == 0) return "";
  int const there = totals.made + totals.reused;
  std::string text = fmt::format("  with    {} of {} element{} there", there, totals.elements,
                                 totals.elements == 1 ? "" : "s");
  if (totals.reused > 0) text += fmt::format(", {} made before", totals.reused);
  return text + "\n";
}

std::string spending(ResultModel const& model, Totals const& totals) {
  std::string text = fmt::format("  billed  {} credits ({})\n", to_string(totals.billed),
                                 approximate_usd(totals.billed, model.head.usd_rate));
  if (totals.held != Credits{})
    text += fmt::format("  held    {} credits, outcome not known yet\n", to_string(totals.held));
  if (totals.refund_expected != Credits{})
    text += fmt::format("  refund  {} credits expected back, counted until seen\n",
                        to_string(totals.refund_expected));
  text += fmt::format("  cap     {} of {} credits used ({} of {})\n", to_string(totals.committed()),
                      to_string(model.head.cap), approximate_usd(totals.committed(), model.head.usd_rate),
                      approximate_usd(model.head.cap, model.head.usd_rate));
  return text;
}

std::string problem(Problem const& problem) {
  std::string names = printable(problem.names.front());
  if (problem.clips > 1)
    names = fmt::format("{} {}, {} first", problem.clips, problem.elements ? "elements" : "clips", names);
  std::string text = fmt::format("  {:<11} {}", in_words(problem.status), names);
  if (!problem.why.empty()) text += fmt::format(": {}", printable(problem.why));
  text += '\n';
  if (!problem.mend.empty()) text += fmt::format("              {}\n", printable(problem.mend));
  return text;
}

std::string problems(ResultModel const& model) {
  std::string text;
  int shown = 0;
  int left = 0;
  for (Problem const& one : model.problems) {
    if (one.status == ClipStatus::outstanding) continue;  // the counts and the next step tell
    if (shown++ < problems_shown)
      text += problem(one);
    else
      left += one.clips;
  }
  if (left > 0) text += fmt::format("  and {} more, see the report\n", left);
  for (ThresholdLine const& threshold : model.thresholds)
    if (!threshold.kept)
      text += fmt::format("  threshold   {} was not kept: it stands at {}\n", printable(threshold.text),
                          threshold.value.empty() ? "nothing made" : threshold.value);
  for (std::string const& note : model.head.notes) text += fmt::format("  note        {}\n", printable(note));
  return text.empty() ? text : "\n" + text;
}

std::string next(ResultModel const& model) {
  std::vector<NextStep> const steps = next_steps(model);
  if (steps.empty()) return {};
  std::size_t widest = 0;
  for (NextStep const& step : steps) widest = std::max(widest, step.command.size());
  std::string text = "\nnext\n";
  for (NextStep const& step : steps) text += fmt::format("  {:<{}}  {}\n", step.command, widest, step.what);
  return text;
}

}  // namespace

std::string text_summary(ResultModel const& model) {
  return heading(model) + counts_line(model.totals) + elements_line(model.totals.elements) +
         spending(model, model.totals) + problems(model) + next(model);
}

}  // namespace callsheet::report
