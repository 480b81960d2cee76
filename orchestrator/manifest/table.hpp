#pragma once

#include "orchestrator/core/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::manifest {

/// A data file as it stands: what the matrix can take its rows from.
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

enum class TableFormat {
  csv,    ///< see parse_csv()
  json,   ///< a list of records; YAML reads it too
  jsonl,  ///< a record a line
  yaml,   ///< a list of records
};

/// Errors carry file:line:column of the data file. Pure.
[[nodiscard]] Checked<Table> parse_table(TableFormat format, std::string file, std::string_view text,
                                         TableLimits limits = {});
/// Blocking. `shown` is the path as errors show it.
[[nodiscard]] Checked<Table> read_table(TableFormat format, std::filesystem::path const& path,
                                        std::filesystem::path const& shown, TableLimits limits = {});

}  // namespace callsheet::manifest
