#include "orchestrator/report/text_summary.hpp"

#include "orchestrator/report/next_step.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

constexpr int problems_shown = 10;  // the rest is in the report: a summary that scrolls away is none

std::string printable(std::string_view text) {
  std::string safe{text};
  std::replace_if(
      safe.begin(), safe.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return safe;
}

std::string heading(ResultModel const& model) {
  std::string line =
      fmt::format("{} · run {} · {}", printable(model.campaign), model.run.str(), in_words(model.status));
  if (model.ended) line += fmt::format(" · {}", format_duration(*model.ended - model.started));
  if (is_rehearsal(model)) line += " · local gateway, no real money";
  return line + "\n\n";
}

std::string counts(Totals const& totals) {
  std::vector<std::string> parts;
  auto const part = [&parts](int n, ClipStatus status) {
    if (n > 0) parts.push_back(fmt::format("{} {}", n, in_words(status)));
  };
  part(totals.made, ClipStatus::made);
  part(totals.reused, ClipStatus::reused);
  part(totals.failed, ClipStatus::failed);
  part(totals.in_doubt, ClipStatus::in_doubt);
  part(totals.skipped, ClipStatus::skipped);
  part(totals.outstanding, ClipStatus::outstanding);
  return fmt::format("  clips   {} of {}\n",
                     parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", ")), totals.clips);
}

std::string spending(ResultModel const& model, Totals const& totals) {
  std::string text = fmt::format("  billed  {} credits ({})\n", to_string(totals.billed),
                                 approximate_usd(totals.billed, model.usd_rate));
  if (totals.held != Credits{})
    text += fmt::format("  held    {} credits, outcome not known yet\n", to_string(totals.held));
  if (totals.refund_expected != Credits{})
    text += fmt::format("  refund  {} credits expected back, counted until seen\n",
                        to_string(totals.refund_expected));
  text += fmt::format("  cap     {} of {} credits used ({} of {})\n", to_string(totals.committed()),
                      to_string(model.cap), approximate_usd(totals.committed(), model.usd_rate),
                      approximate_usd(model.cap, model.usd_rate));
  return text;
}

std::string problem(ClipLine const& clip) {
  std::string text =
      fmt::format("  {:<11} {} take {}", in_words(clip.status), printable(clip.task), clip.take);
  if (!clip.why.empty()) text += fmt::format(": {}", printable(clip.why));
  text += '\n';
  if (!clip.mend.empty()) text += fmt::format("              {}\n", printable(clip.mend));
  return text;
}

std::string problems(std::vector<ClipLine> const& clips) {
  std::string text;
  int shown = 0, left = 0;
  for (ClipStatus const status : {ClipStatus::in_doubt, ClipStatus::failed, ClipStatus::skipped})
    for (ClipLine const& clip : clips) {
      if (clip.status != status) continue;
      if (shown == problems_shown)
        ++left;
      else
        text += problem(clip), ++shown;
    }
  if (left > 0) text += fmt::format("  and {} more, see the report\n", left);
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
  Totals const totals = totals_of(model.clips);
  return heading(model) + counts(totals) + spending(model, totals) + problems(model.clips) + next(model);
}

}  // namespace callsheet::report
