#pragma once

#include "orchestrator/report/next_step.hpp"
#include "tests/report/sample.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace callsheet::report {

// A whole run in each format, as the program writes it: clip after clip.

[[nodiscard]] ResultModel add_up(Sample const& sample);
[[nodiscard]] std::string json_of(Sample const& sample);
[[nodiscard]] std::string csv_of(Sample const& sample);
[[nodiscard]] std::string html_of(Sample const& sample, std::string_view clips_folder = {});
[[nodiscard]] std::string junit_of(Sample const& sample);
[[nodiscard]] std::string markdown_of(Sample const& sample);
[[nodiscard]] std::string summary_of(Sample const& sample);
[[nodiscard]] std::vector<NextStep> next_steps_of(Sample const& sample);

}  // namespace callsheet::report
