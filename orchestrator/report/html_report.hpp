#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>
#include <string_view>

namespace callsheet::report {

/// report.html: the page a marketer opens from disk beside the clips. One file, no network: style and script
/// stand in it and are the only ones its Content-Security-Policy admits, by hash. All foreign text is
/// escaped. `clips_folder`: from the page to the output folder, '/' separated, e.g. "../out"; empty when the
/// page lies in it.
std::string html_report(ResultModel const& model, std::string_view clips_folder = {});

}  // namespace callsheet::report
