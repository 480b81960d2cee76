#pragma once

#include "orchestrator/core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace callsheet::manifest {

/// A CSV file (RFC 4180; header row, UTF-8 with or without byte order mark, LF or CRLF) as it stands.
struct Table {
  std::string file;  ///< as errors show it
  std::vector<std::string> columns;
  struct Row {
    std::vector<std::string> cells;  ///< as many as there are columns
    int line = 0;                    ///< where the row begins
  };
  std::vector<Row> rows;
};

struct TableLimits {
  std::size_t bytes_max = std::size_t{64} << 20;
  std::size_t rows_max = 1'000'000;
  std::size_t columns_max = 200;
};

/// Errors carry file:line:column of the CSV file. Blank lines are skipped. Pure.
[[nodiscard]] Checked<Table> parse_csv(std::string file, std::string_view text, TableLimits limits = {});
/// Blocking. `shown` is the path as errors show it.
[[nodiscard]] Checked<Table> read_csv(std::filesystem::path const& path, std::filesystem::path const& shown,
                                      TableLimits limits = {});

}  // namespace callsheet::manifest
