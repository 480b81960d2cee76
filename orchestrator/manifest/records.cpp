#include "orchestrator/manifest/records.hpp"

#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/text_file.hpp"
#include "orchestrator/manifest/trimmed.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::manifest {

namespace {

constexpr char const* empty_record = "this record is empty";
constexpr char const* drop_it = "fill it in, or take it out";
constexpr char const* no_name = "a value has no name";
constexpr char const* give_a_name = "names are what {{ row.name }} refers to";

std::string too_many_rows(TableLimits const& limits) {
  return fmt::format("more than {} records", limits.rows_max);
}
std::string too_many_columns(TableLimits const& limits) {
  return fmt::format("more than {} different names", limits.columns_max);
}
std::string no_single_value(std::string_view name, bool list) {
  return fmt::format("`{}` is a {}: it must be one text, number, true or false", name,
                     list ? "list" : "group of values");
}

/// Puts records together to a table whose columns come up as they come.
class TableBuilder {
 public:
  TableBuilder(std::string file, TableLimits limits) : limits_{limits} { table_.file = std::move(file); }

  [[nodiscard]] bool full() const { return table_.rows.size() == limits_.rows_max; }
  void begin_row(int line) { table_.rows.push_back({.cells = {}, .line = line}); }
  /// False: there are too many columns.
  bool add(std::string const& name, std::string value) {
    auto const [found, is_new] = places_.try_emplace(name, table_.columns.size());
    if (is_new && table_.columns.size() == limits_.columns_max) return false;
    if (is_new) table_.columns.push_back(name);
    std::vector<std::string>& cells = table_.rows.back().cells;
    if (cells.size() <= found->second) cells.resize(found->second + 1);
    cells[found->second] = std::move(value);
    return true;
  }
  Table take() {
    for (Table::Row& row : table_.rows) row.cells.resize(table_.columns.size());
    return std::move(table_);
  }

 private:
  Table table_;
  TableLimits limits_;
  std::unordered_map<std::string, std::size_t> places_;
};

/// One line of JSON as the parser goes through it: a map of single values, with numbers as they are written.
class LineReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  struct Problem {
    std::string what;
    std::string mend;
    std::size_t byte = 0;  ///< from 1; 0: not known
  };
  std::vector<std::pair<std::string, std::string>> members;
  std::optional<Problem> problem;

  bool null() override { return value({}); }
  bool boolean(bool yes) override { return value(yes ? "true" : "false"); }
  bool number_integer(number_integer_t number) override { return value(fmt::format_int{number}.str()); }
  bool number_unsigned(number_unsigned_t number) override { return value(fmt::format_int{number}.str()); }
  bool number_float(number_float_t /*number*/, string_t const& written) override { return value(written); }
  bool string(string_t& text) override { return value(std::move(text)); }
  bool binary(binary_t& /*bytes*/) override { return no_record(); }
  bool start_object(std::size_t /*size*/) override {
    if (std::exchange(inside_, true)) return nested(false);
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t /*size*/) override { return inside_ ? nested(true) : no_record(); }
  bool end_array() override { return true; }
  bool key(string_t& name) override {
    if (trimmed(name).empty()) return fail_with(no_name, give_a_name);
    for (auto const& [known, value] : members)
      if (known == name) return fail_with(fmt::format("`{}` stands twice in a record", name), "drop one");
    members.emplace_back(std::move(name), std::string{});
    return true;
  }
  bool parse_error(std::size_t byte, std::string const& /*token*/,
                   nlohmann::json::exception const& /*error*/) override {
    problem = Problem{.what = "this is no JSON", .mend = example(), .byte = byte};
    return false;
  }

 private:
  static std::string example() { return R"(a record a line, such as {"sku": "X1", "scene": "a beach"})"; }

  bool value(std::string text) {
    if (!inside_) return no_record();
    members.back().second = std::move(text);
    return true;
  }
  bool fail_with(std::string what, std::string mend) {
    problem = Problem{.what = std::move(what), .mend = std::move(mend)};
    return false;
  }
  bool no_record() { return fail_with("this line is no record", example()); }
  bool nested(bool list) {
    return fail_with(no_single_value(members.empty() ? "" : members.back().first, list),
                     "a value with more in it needs a name of its own for each part");
  }

  bool inside_ = false;
};

}  // namespace

Checked<Table> parse_records(std::string file, std::string_view text, TableLimits limits) {
  DocumentLimits const bounds{.bytes_max = limits.bytes_max};
  Checked<Document> const document = Document::parse(file, std::string{text}, bounds);
  if (!document) return tl::unexpected{document.error()};
  ErrorList errors;
  TableBuilder table{std::move(file), limits};
  Node const& root = document->root();
  if (root.kind != NodeKind::list)
    errors.add(document->error(
        root.place, "a data file is a list of records",
        R"(in YAML each record begins with a dash: `- {sku: X1}`; in JSON all stand in `[{"sku": "X1"}]`)"));
  for (Node const& record : root.items) {
    if (errors.full()) break;
    if (table.full()) {
      errors.add(document->error(record.place, too_many_rows(limits), "split the file"));
      break;
    }
    if (record.kind != NodeKind::map) {
      errors.add(document->error(record.place, "this is no record",
                                 "a record is a group of `name: value`, such as {sku: X1, scene: a beach}"));
      continue;
    }
    if (record.entries.empty()) {
      errors.add(document->error(record.place, empty_record, drop_it));
      continue;
    }
    table.begin_row(record.place.line);
    for (Entry const& entry : record.entries) {
      if (trimmed(entry.key).empty())
        errors.add(document->error(entry.place, no_name, give_a_name));
      else if (entry.value.kind == NodeKind::list || entry.value.kind == NodeKind::map)
        errors.add(document->error(entry.value.place,
                                   no_single_value(entry.key, entry.value.kind == NodeKind::list),
                                   "a value with more in it needs a name of its own for each part"));
      else if (!table.add(entry.key, entry.value.kind == NodeKind::null ? std::string{} : entry.value.text))
        errors.add(document->error(entry.place, too_many_columns(limits)));
    }
  }
  if (!errors.empty()) return tl::unexpected{errors.take()};
  return table.take();
}

Checked<Table> parse_record_lines(std::string file, std::string_view text, TableLimits limits) {
  ErrorList errors;
  if (auto const bad = find_bad_text(text)) {
    errors.add(Error{.what = bad->what, .mend = bad->mend, .where = {file, bad->line, bad->column}});
    return tl::unexpected{errors.take()};
  }
  TableBuilder table{file, limits};
  auto const starts = line_starts_of(text);
  for (int number = 1; number <= static_cast<int>(starts.size()) && !errors.full(); ++number) {
    std::size_t const begin = starts[static_cast<std::size_t>(number) - 1];
    std::string_view const line =
        trimmed(text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin));
    if (line.empty()) continue;
    auto const complain = [&](std::string what, std::string mend, std::size_t column = 1) {
      errors.add(Error{.what = std::move(what),
                       .mend = std::move(mend),
                       .where = {file, number, static_cast<int>(column)},
                       .source_line = std::string{line_of(text, starts, number)}});
    };
    if (table.full()) {
      complain(too_many_rows(limits), "split the file");
      break;
    }
    LineReader reader;
    nlohmann::json::sax_parse(line, &reader);
    if (reader.problem) {
      auto const indent = static_cast<std::size_t>(line.data() - (text.data() + begin));
      complain(std::move(reader.problem->what), std::move(reader.problem->mend),
               indent + std::clamp<std::size_t>(reader.problem->byte, 1, line.size()));
      continue;
    }
    if (reader.members.empty()) {
      complain(empty_record, drop_it);
      continue;
    }
    table.begin_row(number);
    for (auto& [name, value] : reader.members)
      if (!table.add(name, std::move(value))) complain(too_many_columns(limits), {});
  }
  if (!errors.empty()) return tl::unexpected{errors.take()};
  return table.take();
}

}  // namespace callsheet::manifest
