#include "orchestrator/report/csv_report.hpp"

#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace callsheet::report {

namespace {

/// Text somebody else wrote: spreadsheets run what starts like a formula (tab and CR are skipped on the way
/// to it).
bool is_formula(std::string_view text) {
  return !text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos;
}

/// A row, cell by cell.
class Row {
 public:
  explicit Row(std::string& text) : text_{text} { text_.clear(); }

  /// Of our own making.
  void add(std::string_view text) {
    separate();
    quoted(text, false);
  }
  void add(std::int64_t number) {
    separate();
    fmt::format_to(std::back_inserter(text_), "{}", number);
  }
  void add_foreign(std::string_view text) {
    separate();
    quoted(text, is_formula(text));
  }
  std::string_view end() {
    text_ += "\r\n";
    return text_;
  }

 private:
  void separate() {
    if (!std::exchange(first_, false)) text_ += ',';
  }
  void quoted(std::string_view text, bool defused) {
    bool const quotes = text.find_first_of(",\"\r\n") != std::string_view::npos;
    if (quotes) text_ += '"';
    if (defused) text_ += '\'';
    for (char const c : text) {
      if (c == '"') text_ += '"';
      text_ += c;
    }
    if (quotes) text_ += '"';
  }

  std::string& text_;
  bool first_ = true;
};

std::string_view label_of(ClipLine const& clip, std::string_view wanted) {
  for (auto const& [name, value] : clip.labels)
    if (name == wanted) return value;
  return {};
}

}  // namespace

CsvReport::CsvReport(RunHead const& head, TextSink out) : labels_{head.label_names}, out_{std::move(out)} {
  Row row{row_};
  for (char const* name : {"task", "take", "status"}) row.add(name);
  for (std::string const& name : labels_) row.add_foreign("label." + name);
  for (char const* name : {"model",         "quality",        "duration_s",   "sound",
                           "price_credits", "billed_credits", "held_credits", "refund_expected_credits",
                           "attempts",      "took_ms",        "file",         "width",
                           "height",        "length_ms",      "size_bytes",   "made_by",
                           "why",           "mend",           "prompt",       "identity",
                           "tags"})
    row.add(name);
  out_(row.end());
}

void CsvReport::add(ClipLine const& clip) {
  Row row{row_};
  row.add_foreign(clip.task);
  row.add(clip.take);
  row.add(to_string(clip.status));
  for (std::string const& name : labels_) row.add_foreign(label_of(clip, name));
  Spend const spend = spend_of(clip);
  row.add_foreign(clip.model.str());
  row.add(to_string(clip.quality));
  row.add(clip.request.duration.count());
  row.add(to_string(clip.request.sound));
  for (Credits const amount : {clip.price, spend.billed, spend.held, spend.refund_expected})
    row.add(to_string(amount));
  row.add(static_cast<std::int64_t>(clip.attempts.size()));
  if (clip.took)
    row.add(clip.took->count());
  else
    row.add("");
  if (clip.file) {
    row.add_foreign(clip.file->path);
    row.add(clip.file->width);
    row.add(clip.file->height);
    row.add(clip.file->length.count());
    row.add(static_cast<std::int64_t>(clip.file->size_bytes));
  } else {
    for (int i = 0; i < 5; ++i) row.add("");
  }
  for (std::string const* text :
       {&clip.made_by.str(), &clip.why, &clip.mend, &clip.request.prompt, &clip.identity.str()})
    row.add_foreign(*text);
  row.add_foreign(fmt::format("{}", fmt::join(clip.tags, ",")));
  out_(row.end());
}

}  // namespace callsheet::report
