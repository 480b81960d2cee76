#pragma once

#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/filter.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callsheet::manifest {

class ErrorList;

/// One value an axis of the matrix can take: a scalar, or a row with a cell for each of the axis's columns.
struct AxisValue {
  std::string text;                ///< the scalar, or a row's first cell
  std::vector<std::string> cells;  ///< rows only
  Place place;                     ///< in the manifest
  std::string origin;              ///< rows of a CSV file: "products.csv:3"; else empty
};

/// What `{{ … }}` may refer to in a place of the manifest.
struct Variable {
  enum class Kind { axis, campaign, task_name, take, constant };
  Kind kind = Kind::campaign;
  std::uint32_t axis = 0;
  std::optional<std::uint32_t> column;  ///< of an axis whose values are rows
  std::string constant;                 ///< what a constant stands for
  std::vector<Filter> filters;
};

/// The names in force where a template stands.
struct Scope {
  struct AxisNames {
    std::string name;
    std::vector<std::string> columns;  ///< empty: the axis has plain values
  };
  std::vector<AxisNames> axes;
  std::vector<std::pair<std::string, std::string>> constants;  ///< "vars.style", and its text
  std::vector<std::string> data;  ///< data files: named only to explain that they belong in the matrix
  bool task_name = false;
  bool take = false;
};

/// The values of one task, in the order of Scope::axes. Values must outlive it.
struct Bindings {
  std::vector<AxisValue const*> axes;
  std::string_view campaign;
  std::string_view task_name;
  std::string take;
};

/// A text with `{{ name }}` in it, looked up once so that making a task costs only joining strings.
/// `{{ '{{' }}` writes two literal braces.
class Template {
 public:
  /// Errors (unknown names, braces left open) go to `errors`, at their place in the manifest.
  [[nodiscard]] static std::optional<Template> compile(Document const& document, Node const& scalar,
                                                       Scope const& scope, ErrorList& errors);
  /// A text without variables.
  [[nodiscard]] static Template literal(std::string text, Place place);

  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] NodeKind kind() const { return kind_; }
  [[nodiscard]] std::string render(Bindings const& bindings) const;

  struct Part {
    std::string literal;  ///< when there is no variable
    std::optional<Variable> variable;
  };
  [[nodiscard]] std::vector<Part> const& parts() const { return parts_; }
  /// Adds the indexes of the axes it refers to.
  void collect_axes(std::set<std::uint32_t>& axes) const;

 private:
  std::vector<Part> parts_;
  Place place_;
  NodeKind kind_ = NodeKind::text;
};

/// What `variable` stands for, its filters applied.
[[nodiscard]] std::string value_of(Variable const& variable, Bindings const& bindings);

}  // namespace callsheet::manifest
