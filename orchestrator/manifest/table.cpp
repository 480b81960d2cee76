#include "orchestrator/manifest/table.hpp"

#include "orchestrator/manifest/csv.hpp"
#include "orchestrator/manifest/records.hpp"
#include "orchestrator/manifest/text_file.hpp"

namespace callsheet::manifest {

Checked<Table> parse_table(TableFormat format, std::string file, std::string_view text, TableLimits limits) {
  switch (format) {
    case TableFormat::csv:
      return parse_csv(std::move(file), text, limits);
    case TableFormat::jsonl:
      return parse_record_lines(std::move(file), text, limits);
    case TableFormat::json:
    case TableFormat::yaml:
      return parse_records(std::move(file), text, limits);
  }
  return Table{};
}

Checked<Table> read_table(TableFormat format, std::filesystem::path const& path,
                          std::filesystem::path const& shown, TableLimits limits) {
  Result<std::string> const text = read_text_file(path, shown, limits.bytes_max);
  if (!text) return tl::unexpected{std::vector{text.error()}};
  return parse_table(format, shown.string(), *text, limits);
}

}  // namespace callsheet::manifest
