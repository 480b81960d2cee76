#pragma once

#include "orchestrator/report/result_model.hpp"

#include <string>
#include <string_view>

namespace callsheet::report {

/// A campaign before it is bought, one page that opens from the disk: each clip as it was drawn, its shots
/// with their lengths and prompts, what it would cost. `model`: of the run that drew them. `clips_folder`:
/// where they lie, from the page. `cap`: what the campaign may cost.
[[nodiscard]] std::string storyboard(ResultModel const& model, std::string_view clips_folder, Credits cap);

}  // namespace callsheet::report
