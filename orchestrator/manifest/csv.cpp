#include "orchestrator/manifest/csv.hpp"

#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/text_file.hpp"
#include "orchestrator/manifest/trimmed.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Cell {
  std::string text;
  int line = 0;
  int column = 0;
};

/// Cuts a CSV text into records of cells with their places.
class Reader {
 public:
  Reader(std::string const& file, std::string_view text, ErrorList& errors)
      : file_{file}, text_{text}, starts_{line_starts_of(text)}, errors_{errors} {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
    line_start_ = at_;
  }

  /// The next record that is not a blank line; empty at the end or after a broken quote.
  std::vector<Cell> next() {
    while (at_ < text_.size() && !broken_) {
      std::vector<Cell> cells;
      bool more = true;
      while (more && !broken_) more = cell(cells);
      if (broken_) break;
      if (cells.size() > 1 || !cells.front().text.empty()) return cells;
    }
    return {};
  }

  void complain(int line, int column, std::string what, std::string mend) {
    errors_.add(Error{.code = Code::invalid_manifest,
                      .what = std::move(what),
                      .mend = std::move(mend),
                      .where = {file_, line, column},
                      .source_line = std::string{line_of(text_, starts_, line)},
                      .width = 1});
  }

 private:
  /// Reads one cell and its separator; true when another cell of the record follows.
  bool cell(std::vector<Cell>& cells) {
    Cell cell{.text = {}, .line = line_, .column = column()};
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!quoted(cell)) return false;
    } else {
      std::size_t const end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
      cell.text = text_.substr(at_, end - at_);
      at_ = end;
      // A lone carriage return is part of the text; only CRLF ends a line.
      while (at_ < text_.size() && text_[at_] == '\r' && !text_.substr(at_).starts_with("\r\n")) {
        std::size_t const next = std::min(text_.find_first_of(",\r\n", at_ + 1), text_.size());
        cell.text += text_.substr(at_, next - at_);
        at_ = next;
      }
    }
    cells.push_back(std::move(cell));
    if (at_ >= text_.size()) return false;
    if (text_[at_] == ',') {
      ++at_;
      return true;
    }
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (text_[at_] != '\n') {
      complain(line_, column(), "text follows a closing quote",
               "double every quote inside a quoted cell: \"\"");
      broken_ = true;
      return false;
    }
    new_line();
    return false;
  }

  bool quoted(Cell& cell) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') return true;
      }
      cell.text += text_[at_];
      if (text_[at_] == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      }
    }
    complain(cell.line, cell.column, "this quote is never closed", "put a quote at the end of the cell");
    broken_ = true;
    return false;
  }

  void new_line() {
    ++at_;
    ++line_;
    line_start_ = at_;
  }

  [[nodiscard]] int column() const { return static_cast<int>(at_ - line_start_) + 1; }

  std::string const& file_;
  std::string_view text_;
  std::vector<std::size_t> starts_;
  ErrorList& errors_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
  bool broken_ = false;
};

void take_header(Table& table, Reader& reader, TableLimits limits) {
  for (Cell const& cell : reader.next()) {
    std::string name{trimmed(cell.text)};
    if (name.empty())
      reader.complain(cell.line, cell.column, "a column has no name", "the first line names the columns");
    else if (std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end())
      reader.complain(cell.line, cell.column, fmt::format("two columns are named `{}`", name),
                      "rename one of them");
    if (table.columns.size() == limits.columns_max)
      reader.complain(cell.line, cell.column, fmt::format("more than {} columns", limits.columns_max), {});
    if (table.columns.size() >= limits.columns_max) return;
    table.columns.push_back(std::move(name));
  }
}

std::string mend_for_row(Table const& table, std::vector<Cell> const& record) {
  if (record.size() > table.columns.size()) return "put cells that contain a comma in quotes";
  bool const semicolons = table.columns.size() == 1 && table.columns.front().find(';') != std::string::npos;
  return semicolons ? "separate cells by commas, not semicolons"
                    : "write an empty cell as two commas in a row";
}

}  // namespace

Checked<Table> parse_csv(std::string file, std::string_view text, TableLimits limits) {
  Table table{.file = std::move(file), .columns = {}, .rows = {}};
  ErrorList errors;
  if (auto const bad = find_bad_text(text)) {
    errors.add(Error{.what = bad->what, .mend = bad->mend, .where = {table.file, bad->line, bad->column}});
    return tl::unexpected{errors.take()};
  }
  Reader reader{table.file, text, errors};
  take_header(table, reader, limits);
  if (table.columns.empty() && errors.empty())
    reader.complain(0, 0, "the data file is empty", "its first line names the columns, such as `sku,scene`");
  if (table.columns.size() == 1 && table.columns.front().find(';') != std::string::npos)
    reader.complain(1, static_cast<int>(text.find(';')) + 1, "the columns are separated by semicolons",
                    "separate them by commas (in a spreadsheet: save as CSV UTF-8, comma delimited)");
  while (errors.empty() || !errors.full()) {
    std::vector<Cell> record = reader.next();
    if (record.empty()) break;
    if (table.rows.size() == limits.rows_max) {
      reader.complain(record.front().line, 1, fmt::format("more than {} rows", limits.rows_max),
                      "split the file");
      break;
    }
    if (record.size() != table.columns.size()) {
      reader.complain(
          record.front().line, 1,
          fmt::format("this row has {} cells, but there are {} columns", record.size(), table.columns.size()),
          mend_for_row(table, record));
      continue;
    }
    Table::Row row{.cells = {}, .line = record.front().line};
    for (Cell& cell : record) row.cells.push_back(std::move(cell.text));
    table.rows.push_back(std::move(row));
  }
  if (!errors.empty()) return tl::unexpected{errors.take()};
  return table;
}

}  // namespace callsheet::manifest
