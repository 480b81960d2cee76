#pragma once

#include "orchestrator/report/result_model.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace kainjow::mustache {
template <typename string_type>
class basic_data;
template <typename string_type>
class basic_mustache;
}  // namespace kainjow::mustache

// The parts of the page as the template sees them. Private to report/; apart from html_report.cpp because
// each part changes for its own reason.
namespace callsheet::report {

using TemplateData = kainjow::mustache::basic_data<std::string>;

/// A piece of the page, which is rendered as often as there is something to show in it: what thousands of
/// clips come to is text at once, many times smaller than the data of one template of them all.
class Template {
 public:
  /// `text` is an asset of ours: it must be sound.
  explicit Template(std::string_view text);
  ~Template();
  [[nodiscard]] std::string render(TemplateData const& values);

 private:
  std::unique_ptr<kainjow::mustache::basic_mustache<std::string>> document_;
};

/// A card per clip, in the plan's order: HTML.
std::string clip_cards(ResultModel const& model, std::string_view clips_folder);
/// A list with one object per element that clips show.
TemplateData element_list(ResultModel const& model);
/// What went wrong: a list with one object per reason, in doubt first, then failed, skipped and outstanding.
TemplateData problem_list(ResultModel const& model);
/// A row per attempt, in the clips' order: HTML.
std::string attempt_rows(ResultModel const& model);

/// What the run's attempts took, side by side: an object, or false where there is nothing to compare.
TemplateData timeline(ResultModel const& model);

/// What the page may do: its own style and script, media files beside it, and nothing else.
std::string policy_of(std::string_view css, std::string_view js);
/// Where the page, which lies beside `folder` (empty: in it), finds a file of the output folder; as a URL.
/// Empty for an empty path.
std::string file_url(std::string_view path, std::string_view folder);
/// The frame a clip takes up on the page: as measured, else as asked for, else the usual one.
AspectRatio frame_of(ClipLine const& clip);
/// "2.5 s"
std::string seconds_in_words(std::chrono::milliseconds length);
/// "kettle · take 2"; an element has no takes.
std::string name_of(ClipLine const& clip);
/// The text, or false: a section over an empty text would be rendered.
TemplateData text_or_nothing(std::string_view text);
/// "2026-11-23 20:15:00 UTC"
std::string date_in_words(TimePoint at);

}  // namespace callsheet::report
