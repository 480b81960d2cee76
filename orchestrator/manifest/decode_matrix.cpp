#include "orchestrator/manifest/decode_matrix.hpp"

#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/trimmed.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

/// The name in `{{ data.name }}`, when the text is exactly that.
std::optional<std::string> data_reference(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with("{{") || !text.ends_with("}}") || text.size() < 4) return std::nullopt;
  text = trimmed(text.substr(2, text.size() - 4));
  if (!text.starts_with("data.") || text.find("}}") != std::string_view::npos) return std::nullopt;
  return std::string{text.substr(5)};
}

bool is_axis_name(std::string_view name) {
  auto const good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), good);
}

class MatrixDecoder {
 public:
  MatrixDecoder(std::map<std::string, Table> const& tables, Campaign& campaign, ErrorList& errors)
      : tables_{tables}, document_{*campaign.document}, matrix_{campaign.matrix}, errors_{errors} {}

  void run(Node const& node) {
    for (Entry const& entry : node.entries)
      if (entry.key != "include" && entry.key != "exclude") axis(entry);
    if (Node const* excluded = node.find("exclude"))
      for (Node const& combination : excluded->items)
        matrix_.exclude.push_back(conditions(combination, Adding::no));
    if (Node const* included = node.find("include"))
      for (Node const& combination : included->items)
        matrix_.include.push_back(conditions(combination, Adding::yes));
  }

 private:
  enum class Adding { no, yes };

  void axis(Entry const& entry) {
    constexpr std::string_view reserved[] = {"task", "take", "campaign", "data", "vars", "env"};
    if (std::find(std::begin(reserved), std::end(reserved), entry.key) != std::end(reserved))
      return errors_.add(document_.error(
          entry.place, fmt::format("`{}` cannot name an axis: it has a meaning of its own", entry.key),
          "give the axis another name"));
    if (!is_axis_name(entry.key))
      return errors_.add(document_.error(entry.place, fmt::format("`{}` cannot name an axis", entry.key),
                                         "use letters, digits, `_` and `-`"));
    seen_.clear();
    Axis axis{.name = entry.key, .columns = {}, .values = {}, .in_product = 0, .place = entry.place};
    if (entry.value.kind == NodeKind::list)
      values(entry.value, axis);
    else if (auto const name = data_reference(entry.value.text))
      rows(*name, entry.value, axis);
    else
      value(entry.value, axis);
    axis.in_product = axis.values.size();
    matrix_.axes.push_back(std::move(axis));
  }

  void rows(std::string const& name, Node const& at, Axis& axis) {
    auto const table = tables_.find(name);
    if (table == tables_.end()) {
      std::vector<std::string> names;
      for (auto const& [known, rows] : tables_) names.push_back(known);
      Node const* data = document_.root().find("data");
      // A table that is declared but could not be read has its own error already.
      if (data == nullptr || data->find(name) == nullptr)
        errors_.add(document_.error(
            at.place, fmt::format("there is no data named `{}`", name),
            names.empty() ? fmt::format("declare it: `data: {{{}: {{csv: {}.csv}}}}`", name, name)
                          : mend_with_choices(name, names)));
      else
        unreadable_ = true;
      return;
    }
    if (table->second.rows.empty())
      errors_.add(document_.error(at.place, fmt::format("{} has no rows", table->second.file),
                                  "add at least one row", Code::nothing_to_make));
    axis.columns = table->second.columns;
    for (Table::Row const& row : table->second.rows)
      axis.values.push_back({.text = row.cells.front(),
                             .cells = row.cells,
                             .place = at.place,
                             .origin = fmt::format("{}:{}", table->second.file, row.line)});
  }

  void value(Node const& node, Axis& axis) {
    if (node.text.find("{{") != std::string::npos)
      return errors_.add(document_.error(node.place, "only the rows of a data file can be referred to here",
                                         "write \"{{ data.name }}\", or list the values"));
    if (!seen_.insert(node.text).second)
      return errors_.add(
          document_.error(node.place, fmt::format("`{}` stands twice in `{}`", node.text, axis.name),
                          "every value counts once; for several versions of a clip use `takes`"));
    axis.values.push_back({.text = node.text, .cells = {}, .place = node.place, .origin = {}});
  }

  void values(Node const& list, Axis& axis) {
    bool const rows = list.items.front().kind == NodeKind::map;
    if (rows)
      for (Entry const& entry : list.items.front().entries) axis.columns.push_back(entry.key);
    for (Node const& item : list.items) {
      if ((item.kind == NodeKind::map) != rows)
        errors_.add(document_.error(item.place, fmt::format("`{}` mixes single values and rows", axis.name),
                                    "write all of them the same way"));
      else if (rows)
        row(item, axis);
      else
        value(item, axis);
    }
  }

  void row(Node const& item, Axis& axis) {
    AxisValue value{.text = {}, .cells = {}, .place = item.place, .origin = {}};
    for (std::string const& column : axis.columns) {
      Node const* cell = item.find(column);
      if (cell == nullptr)
        return errors_.add(document_.error(item.place,
                                           fmt::format("this row of `{}` has no `{}`", axis.name, column),
                                           "all rows need the columns of the first"));
      value.cells.push_back(cell->text);
    }
    for (Entry const& entry : item.entries)
      if (std::find(axis.columns.begin(), axis.columns.end(), entry.key) == axis.columns.end())
        errors_.add(document_.error(entry.place,
                                    fmt::format("the first row of `{}` has no `{}`", axis.name, entry.key),
                                    mend_with_choices(entry.key, axis.columns)));
    if (value.cells.empty())
      return errors_.add(document_.error(item.place, "this row is empty", "give it at least one value"));
    value.text = value.cells.front();
    axis.values.push_back(std::move(value));
  }

  Conditions conditions(Node const& combination, Adding adding) {
    Conditions out;
    for (Entry const& entry : combination.entries) {
      std::size_t const dot = entry.key.find('.');
      std::string const name = entry.key.substr(0, dot);
      auto const axis = std::find_if(matrix_.axes.begin(), matrix_.axes.end(),
                                     [&](Axis const& a) { return a.name == name; });
      if (axis == matrix_.axes.end()) {
        std::vector<std::string> names;
        for (Axis const& known : matrix_.axes) names.push_back(known.name);
        errors_.add(document_.error(entry.place, fmt::format("`{}` is not an axis of the matrix", name),
                                    mend_with_choices(name, names)));
        continue;
      }
      Condition condition{
          .axis = static_cast<std::uint32_t>(axis - matrix_.axes.begin()), .column = {}, .value = {}};
      condition.value = entry.value.text;
      if (dot != std::string::npos && !column(entry, entry.key.substr(dot + 1), *axis, condition)) continue;
      if (settle(entry, *axis, condition, adding)) out.push_back(std::move(condition));
    }
    return out;
  }

  bool column(Entry const& entry, std::string const& name, Axis const& axis, Condition& condition) {
    auto const found = std::find(axis.columns.begin(), axis.columns.end(), name);
    if (found == axis.columns.end()) {
      if (!unreadable_)
        errors_.add(document_.error(entry.place, fmt::format("`{}` has no column `{}`", axis.name, name),
                                    mend_with_choices(name, axis.columns)));
      return false;
    }
    condition.column = static_cast<std::uint32_t>(found - axis.columns.begin());
    return true;
  }

  /// A condition no value meets is a slip of the pen, unless `include` is adding a new plain value.
  bool settle(Entry const& entry, Axis& axis, Condition const& condition, Adding adding) {
    auto const text_of = [&](AxisValue const& value) -> std::string const& {
      return condition.column ? value.cells[*condition.column] : value.text;
    };
    if (std::any_of(axis.values.begin(), axis.values.end(),
                    [&](auto const& v) { return text_of(v) == condition.value; }))
      return true;
    if (adding == Adding::yes && axis.columns.empty()) {
      axis.values.push_back({.text = condition.value, .cells = {}, .place = entry.value.place, .origin = {}});
      return true;
    }
    if (unreadable_ && axis.values.empty()) return false;
    std::vector<std::string> choices;
    for (AxisValue const& value : axis.values)
      if (choices.size() < 1000) choices.push_back(text_of(value));
    errors_.add(document_.error(entry.value.place,
                                fmt::format("no value of `{}` is `{}`", entry.key, condition.value),
                                mend_with_choices(condition.value, choices)));
    return false;
  }

  std::map<std::string, Table> const& tables_;
  Document const& document_;
  Matrix& matrix_;
  ErrorList& errors_;
  std::unordered_set<std::string_view> seen_;  ///< values of the axis at hand
  bool unreadable_ = false;
};

}  // namespace

Scope decode_matrix(Node const* matrix, std::map<std::string, Table> const& tables, Campaign& campaign,
                    ErrorList& errors) {
  if (matrix != nullptr) MatrixDecoder{tables, campaign, errors}.run(*matrix);
  Scope scope;
  for (Axis const& axis : campaign.matrix.axes) scope.axes.push_back({axis.name, axis.columns});
  return scope;
}

}  // namespace callsheet::manifest
