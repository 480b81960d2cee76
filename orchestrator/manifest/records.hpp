#pragma once

#include "orchestrator/manifest/table.hpp"

namespace callsheet::manifest {

// Records are maps of names to single values. The columns are all names, in the order they first come up; a
// record without one has an empty cell there, and so has `null`.

/// A list of records in YAML or JSON. Errors carry file:line:column. Pure.
[[nodiscard]] Checked<Table> parse_records(std::string file, std::string_view text, TableLimits limits = {});

/// A record in JSON on each line; blank lines are skipped. The same.
[[nodiscard]] Checked<Table> parse_record_lines(std::string file, std::string_view text,
                                                TableLimits limits = {});

}  // namespace callsheet::manifest
