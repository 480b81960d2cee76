#include "tests/report/formats.hpp"

#include "orchestrator/report/csv_report.hpp"
#include "orchestrator/report/html_report.hpp"
#include "orchestrator/report/json_report.hpp"
#include "orchestrator/report/junit_report.hpp"
#include "orchestrator/report/markdown_report.hpp"
#include "orchestrator/report/result_builder.hpp"
#include "orchestrator/report/text_summary.hpp"

namespace callsheet::report {

ResultModel add_up(Sample const& sample) {
  ResultBuilder builder{sample.head};
  for (ClipLine const& clip : sample.clips) builder.add(clip);
  return std::move(builder).finish();
}

std::string json_of(Sample const& sample) {
  std::string text;
  JsonReport json{sample.head, [&text](std::string_view piece) { text += piece; }};
  for (ClipLine const& clip : sample.clips) json.add(clip);
  json.end(add_up(sample));
  return text;
}

std::string csv_of(Sample const& sample) {
  std::string text;
  CsvReport csv{sample.head, [&text](std::string_view piece) { text += piece; }};
  for (ClipLine const& clip : sample.clips) csv.add(clip);
  return text;
}

std::string html_of(Sample const& sample, std::string_view clips_folder) {
  return html_report(add_up(sample), clips_folder);
}

std::string junit_of(Sample const& sample) {
  std::string text;
  ResultModel const model = add_up(sample);
  JunitReport junit{model, [&text](std::string_view piece) { text += piece; }};
  for (ClipLine const& clip : sample.clips) junit.add(clip);
  junit.end();
  return text;
}

std::string markdown_of(Sample const& sample) {
  return markdown_report(add_up(sample));
}

std::string summary_of(Sample const& sample) {
  return text_summary(add_up(sample));
}

std::vector<NextStep> next_steps_of(Sample const& sample) {
  return next_steps(add_up(sample));
}

}  // namespace callsheet::report
