#pragma once

#include <string>

namespace callsheet::report {

/// Checks that `text` is, byte for byte, what tests/golden/report/`name` holds. With
/// CALLSHEET_UPDATE_GOLDEN=1 in the environment the file is rewritten instead: read the diff before
/// committing it.
void check_golden(std::string const& name, std::string const& text);

/// A file of the source tree, e.g. "schemas/report.schema.json".
std::string read_source(std::string const& path);

}  // namespace callsheet::report
