#pragma once

#include "orchestrator/core/json_writer.hpp"
#include "orchestrator/report/result_model.hpp"

#include <string>
#include <utility>
#include <vector>

namespace callsheet::report {

/// A clip as it stands in schemas/report.schema.json, keys sorted. Written piece by piece: a run may have a
/// million.
void write_json(ClipLine const& clip, JsonWriter& out);

/// What was asked for, without what is private about where inputs are.
void write_request(Request const& request, JsonWriter& out);
/// An array: the matrix's order carries meaning.
void write_labels(std::vector<std::pair<std::string, std::string>> const& labels, JsonWriter& out);
/// "tags": an array.
void write_tags(std::vector<std::string> const& tags, JsonWriter& out);

}  // namespace callsheet::report
