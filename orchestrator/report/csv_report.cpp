#include "orchestrator/report/csv_report.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string quoted = "\"";
  for (char const c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// Text somebody else wrote: spreadsheets run what starts like a formula (tab and CR are skipped on the way
/// to it).
std::string foreign_cell(std::string_view text) {
  bool const formula =
      !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos;
  return cell(formula ? fmt::format("'{}", text) : std::string{text});
}

std::vector<std::string> label_names(std::vector<ClipLine> const& clips) {
  std::vector<std::string> names;
  for (ClipLine const& clip : clips)
    for (auto const& [name, value] : clip.labels)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

std::string_view label_of(ClipLine const& clip, std::string_view wanted) {
  for (auto const& [name, value] : clip.labels)
    if (name == wanted) return value;
  return {};
}

void end_row(std::string& csv, std::vector<std::string> const& cells) {
  csv += fmt::format("{}\r\n", fmt::join(cells, ","));
}

std::vector<std::string> header(std::vector<std::string> const& labels) {
  std::vector<std::string> cells{"task", "take", "status"};
  for (std::string const& name : labels) cells.push_back(foreign_cell("label." + name));
  for (char const* name : {"model",         "quality",        "duration_s",   "sound",
                           "price_credits", "billed_credits", "held_credits", "refund_expected_credits",
                           "attempts",      "took_ms",        "file",         "width",
                           "height",        "length_ms",      "size_bytes",   "made_by",
                           "why",           "mend",           "prompt",       "identity"})
    cells.emplace_back(name);
  return cells;
}

std::vector<std::string> row(ClipLine const& clip, std::vector<std::string> const& labels) {
  std::vector<std::string> cells{foreign_cell(clip.task), fmt::to_string(clip.take),
                                 std::string{to_string(clip.status)}};
  for (std::string const& name : labels) cells.push_back(foreign_cell(label_of(clip, name)));
  Spend const spend = spend_of(clip);
  cells.push_back(foreign_cell(clip.model.str()));
  cells.emplace_back(to_string(clip.quality));
  cells.push_back(fmt::to_string(clip.request.duration.count()));
  cells.emplace_back(to_string(clip.request.sound));
  for (Credits const amount : {clip.price, spend.billed, spend.held, spend.refund_expected})
    cells.push_back(to_string(amount));
  cells.push_back(fmt::to_string(clip.attempts.size()));
  cells.push_back(clip.took ? fmt::to_string(clip.took->count()) : "");
  if (clip.file) {
    cells.push_back(foreign_cell(clip.file->path));
    cells.push_back(fmt::to_string(clip.file->width));
    cells.push_back(fmt::to_string(clip.file->height));
    cells.push_back(fmt::to_string(clip.file->length.count()));
    cells.push_back(fmt::to_string(clip.file->size_bytes));
  } else {
    cells.insert(cells.end(), 5, "");
  }
  for (std::string const& text :
       {clip.made_by.str(), clip.why, clip.mend, clip.request.prompt, clip.identity.str()})
    cells.push_back(foreign_cell(text));
  return cells;
}

}  // namespace

std::string csv_report(ResultModel const& model) {
  std::vector<std::string> const labels = label_names(model.clips);
  std::string csv;
  end_row(csv, header(labels));
  for (ClipLine const& clip : model.clips) end_row(csv, row(clip, labels));
  return csv;
}

}  // namespace callsheet::report
