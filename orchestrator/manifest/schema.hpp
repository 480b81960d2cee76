#pragma once

#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/error_list.hpp"

namespace callsheet::manifest {

/// Checks the shape of a manifest against schemas/campaign.schema.json (embedded, the file editors use). Each
/// error stands at its place, says what was expected and found, and how to mend it: one for each mistake, no
/// echoes.
void check_schema(Document const& document, ErrorList& errors);

}  // namespace callsheet::manifest
