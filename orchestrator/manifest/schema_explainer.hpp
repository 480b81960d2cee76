#pragma once

#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/error_list.hpp"

#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::manifest {

/// Keys and list indexes from the root to a value.
using SchemaPath = std::vector<std::string>;

/// Says in a person's words what is wrong at the places where a validator found something. The words are the
/// schema's own: `x-expected`, `x-choices`, `x-mend`, `x-missing` beside each rule, `x-not-here` at its root.
/// A place that fails only because something below it fails is passed over.
void explain_schema_errors(Document const& document, nlohmann::json const& schema,
                           std::set<SchemaPath> const& failing, ErrorList& errors);

}  // namespace callsheet::manifest
