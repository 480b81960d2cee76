#pragma once

#include "orchestrator/manifest/table.hpp"

namespace callsheet::manifest {

/// RFC 4180; header row, UTF-8 with or without byte order mark, LF or CRLF. Errors carry file:line:column of
/// the CSV file. Blank lines are skipped. Pure.
[[nodiscard]] Checked<Table> parse_csv(std::string file, std::string_view text, TableLimits limits = {});

}  // namespace callsheet::manifest
