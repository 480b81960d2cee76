#pragma once

#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/error_list.hpp"

#include <string_view>

namespace callsheet::manifest {

/// Checks the shape of a manifest against schemas/campaign.schema.json (embedded, the file editors use). Each
/// error stands at its place, says what was expected and found, and how to mend it: one for each mistake, no
/// echoes.
void check_schema(Document const& document, ErrorList& errors);

/// The same for a file that manifests include: all its keys are optional, and it has no `campaign`.
void check_included_schema(Document const& document, ErrorList& errors);

/// The same for another kind of file; `schema` is the text of its JSON Schema, in which `x-file` names the
/// kind
/// ("storm file").
void check_schema(Document const& document, std::string_view schema, ErrorList& errors);

}  // namespace callsheet::manifest
