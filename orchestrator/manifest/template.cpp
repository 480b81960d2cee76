#include "orchestrator/manifest/template.hpp"

#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/trimmed.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

struct Unknown {
  std::string what;
  std::string mend;
};
using Lookup = tl::expected<Variable, Unknown>;

std::vector<std::string> names_in(Scope const& scope) {
  std::vector<std::string> names;
  for (auto const& axis : scope.axes) {
    if (axis.columns.empty()) names.push_back(axis.name);
    for (std::string const& column : axis.columns) names.push_back(axis.name + "." + column);
  }
  names.emplace_back("campaign");
  if (scope.task_name) names.emplace_back("task.name");
  if (scope.take) names.emplace_back("take");
  return names;
}

Lookup unknown_name(std::string_view path, Scope const& scope) {
  std::string what = fmt::format("`{}` is not defined here", path);
  std::string_view const root = path.substr(0, path.find('.'));
  if (root == "data" || std::find(scope.data.begin(), scope.data.end(), root) != scope.data.end())
    return tl::unexpected{Unknown{
        std::move(what), R"(a data file is used through the matrix: `product: "{{ data.product }}"`)"}};
  if (path == "take")
    return tl::unexpected{Unknown{std::move(what), "`take` may stand in outputs.file only"}};
  if (path.find('|') != std::string_view::npos)
    return tl::unexpected{Unknown{std::move(what), "filters (`|`) are not supported: write the name alone"}};
  return tl::unexpected{Unknown{std::move(what), mend_with_choices(path, names_in(scope))}};
}

Lookup look_up_axis(Scope const& scope, std::uint32_t index, std::optional<std::string_view> column) {
  Scope::AxisNames const& axis = scope.axes[index];
  if (!column) {
    if (axis.columns.empty()) return Variable{.kind = Variable::Kind::axis, .axis = index, .column = {}};
    return tl::unexpected{
        Unknown{fmt::format("`{}` is a whole row; name one of its columns", axis.name),
                fmt::format("for example {{{{ {}.{} }}}}", axis.name, axis.columns.front())}};
  }
  auto const found = std::find(axis.columns.begin(), axis.columns.end(), *column);
  if (found != axis.columns.end())
    return Variable{.kind = Variable::Kind::axis,
                    .axis = index,
                    .column = static_cast<std::uint32_t>(found - axis.columns.begin())};
  if (axis.columns.empty())
    return tl::unexpected{Unknown{fmt::format("`{}` is a plain value and has no `{}`", axis.name, *column),
                                  fmt::format("write {{{{ {} }}}}", axis.name)}};
  return tl::unexpected{Unknown{fmt::format("`{}` has no column `{}`", axis.name, *column),
                                mend_with_choices(*column, axis.columns)}};
}

Lookup look_up(std::string_view path, Scope const& scope) {
  std::size_t const dot = path.find('.');
  std::string_view const root = trimmed(path.substr(0, dot));
  auto const axis =
      std::find_if(scope.axes.begin(), scope.axes.end(), [&](auto const& a) { return a.name == root; });
  if (axis != scope.axes.end()) {
    std::optional<std::string_view> column;
    if (dot != std::string_view::npos) column = trimmed(path.substr(dot + 1));
    return look_up_axis(scope, static_cast<std::uint32_t>(axis - scope.axes.begin()), column);
  }
  if (path == "campaign") return Variable{.kind = Variable::Kind::campaign, .axis = 0, .column = {}};
  if (path == "task.name" && scope.task_name)
    return Variable{.kind = Variable::Kind::task_name, .axis = 0, .column = {}};
  if (path == "take" && scope.take) return Variable{.kind = Variable::Kind::take, .axis = 0, .column = {}};
  return unknown_name(path, scope);
}

/// The text of a quoted expression: `'{{'` is how literal braces are written.
std::optional<std::string_view> quoted_text(std::string_view expression) {
  if (expression.size() < 2 || expression.front() != expression.back()) return std::nullopt;
  if (expression.front() != '\'' && expression.front() != '"') return std::nullopt;
  return expression.substr(1, expression.size() - 2);
}

/// Where the expression that begins at `at` ends ("}}"), stepping over a quoted text.
std::size_t end_of_expression(std::string_view text, std::size_t at) {
  std::size_t const first = text.find_first_not_of(" \t", at);
  if (first != std::string_view::npos && (text[first] == '\'' || text[first] == '"')) {
    std::size_t const close = text.find(text[first], first + 1);
    if (close != std::string_view::npos) at = close + 1;
  }
  return text.find("}}", at);
}

}  // namespace

Template Template::literal(std::string text, Place place) {
  Template out;
  out.parts_.push_back({.literal = std::move(text), .variable = {}});
  out.place_ = place;
  return out;
}

std::optional<Template> Template::compile(Document const& document, Node const& scalar, Scope const& scope,
                                          ErrorList& errors) {
  Template out;
  out.place_ = scalar.place;
  out.kind_ = scalar.kind;
  std::string_view const text = scalar.text;
  std::size_t at = 0;
  std::size_t braces = 0;
  bool good = true;
  auto const complain = [&](std::string what, std::string mend) {
    good = false;
    errors.add(
        document.error(document.place_of_braces(scalar.place, braces), std::move(what), std::move(mend)));
  };
  while (at < text.size()) {
    std::size_t const open = std::min(text.find("{{", at), text.size());
    if (open > at) out.parts_.push_back({.literal = std::string{text.substr(at, open - at)}, .variable = {}});
    if (open == text.size()) break;
    std::size_t const close = end_of_expression(text, open + 2);
    if (close == std::string_view::npos) {
      complain("`{{` is not closed with `}}`", "write {{ name }}, or {{ '{{' }} for the braces themselves");
      break;
    }
    std::string_view const expression = trimmed(text.substr(open + 2, close - open - 2));
    if (auto const quoted = quoted_text(expression)) {
      out.parts_.push_back({.literal = std::string{*quoted}, .variable = {}});
      if (*quoted == "{{") ++braces;
    } else if (expression.empty()) {
      complain("nothing stands between `{{` and `}}`", "write {{ name }}");
    } else if (Lookup const variable = look_up(expression, scope); !variable) {
      complain(variable.error().what, variable.error().mend);
    } else {
      out.parts_.push_back({.literal = {}, .variable = *variable});
    }
    ++braces;
    at = close + 2;
  }
  if (!good) return std::nullopt;
  return out;
}

std::string_view value_of(Variable const& variable, Bindings const& bindings) {
  switch (variable.kind) {
    case Variable::Kind::axis: {
      AxisValue const& value = *bindings.axes[variable.axis];
      return variable.column ? std::string_view{value.cells[*variable.column]} : std::string_view{value.text};
    }
    case Variable::Kind::campaign:
      return bindings.campaign;
    case Variable::Kind::task_name:
      return bindings.task_name;
    case Variable::Kind::take:
      return bindings.take;
  }
  return {};
}

std::string Template::render(Bindings const& bindings) const {
  std::string text;
  for (Part const& part : parts_) text += part.variable ? value_of(*part.variable, bindings) : part.literal;
  return text;
}

void Template::collect_axes(std::set<std::uint32_t>& axes) const {
  for (Part const& part : parts_)
    if (part.variable && part.variable->kind == Variable::Kind::axis) axes.insert(part.variable->axis);
}

}  // namespace callsheet::manifest
