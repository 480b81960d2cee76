#pragma once

#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/report/result_model.hpp"

namespace callsheet::report {

/// A clip as it stands in schemas/report.schema.json, keys sorted. Written piece by piece: a run may have a
/// million.
void write_json(ClipLine const& clip, JsonWriter& out);

}  // namespace callsheet::report
