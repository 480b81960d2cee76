#include "orchestrator/manifest/template.hpp"

#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/suggest.hpp"
#include "orchestrator/manifest/trimmed.hpp"
#include "orchestrator/manifest/unquoted.hpp"

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
  for (auto const& [name, text] : scope.constants) names.push_back(name);
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
  if (root == "env" && path.size() > root.size())
    return tl::unexpected{Unknown{fmt::format("`{}` is not in the list `env`", path),
                                  fmt::format("add it: `env: [{}]`", path.substr(root.size() + 1))}};
  if (path == "take")
    return tl::unexpected{Unknown{std::move(what), "`take` may stand in outputs.file only"}};
  return tl::unexpected{Unknown{std::move(what), mend_with_choices(path, names_in(scope))}};
}

Variable of(Variable::Kind kind) {
  Variable variable;
  variable.kind = kind;
  return variable;
}

Lookup look_up_axis(Scope const& scope, std::uint32_t index, std::optional<std::string_view> column) {
  Scope::AxisNames const& axis = scope.axes[index];
  Variable variable = of(Variable::Kind::axis);
  variable.axis = index;
  if (!column) {
    if (axis.columns.empty()) return variable;
    return tl::unexpected{
        Unknown{fmt::format("`{}` is a whole row; name one of its columns", axis.name),
                fmt::format("for example {{{{ {}.{} }}}}", axis.name, axis.columns.front())}};
  }
  auto const found = std::find(axis.columns.begin(), axis.columns.end(), *column);
  if (found != axis.columns.end()) {
    variable.column = static_cast<std::uint32_t>(found - axis.columns.begin());
    return variable;
  }
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
  for (auto const& [name, text] : scope.constants)
    if (name == path) {
      Variable constant = of(Variable::Kind::constant);
      constant.constant = text;
      return constant;
    }
  if (path == "campaign") return of(Variable::Kind::campaign);
  if (path == "task.name" && scope.task_name) return of(Variable::Kind::task_name);
  if (path == "take" && scope.take) return of(Variable::Kind::take);
  return unknown_name(path, scope);
}

/// Where `mark` stands next from `at` on, outside of quoted texts. Those begin an expression or an argument:
/// any other quote is a character, as in `it's`.
std::size_t find_outside_quotes(std::string_view text, std::size_t at, std::string_view mark) {
  for (char before = '('; at < text.size(); ++at) {
    char const c = text[at];
    if (text.substr(at).starts_with(mark)) return at;
    if ((c == '\'' || c == '"') && before == '(')
      if (std::size_t const close = text.find(c, at + 1); close != std::string_view::npos) at = close;
    if (c != ' ' && c != '\t') before = c;
  }
  return std::string_view::npos;
}

/// `name | filter | filter(…)`
Lookup read_expression(std::string_view expression, Scope const& scope) {
  std::size_t bar = std::min(find_outside_quotes(expression, 0, "|"), expression.size());
  Lookup variable = look_up(trimmed(expression.substr(0, bar)), scope);
  while (variable && bar < expression.size()) {
    std::size_t const next = std::min(find_outside_quotes(expression, bar + 1, "|"), expression.size());
    auto filter = parse_filter(expression.substr(bar + 1, next - bar - 1));
    if (!filter)
      return tl::unexpected{Unknown{std::move(filter.error().what), std::move(filter.error().mend)}};
    variable->filters.push_back(*std::move(filter));
    bar = next;
  }
  return variable;
}

std::size_t count_braces(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("{{"); at != std::string_view::npos; at = text.find("{{", at + 2)) ++count;
  return count;
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
    std::size_t const close = find_outside_quotes(text, open + 2, "}}");
    if (close == std::string_view::npos) {
      complain("`{{` is not closed with `}}`", "write {{ name }}, or {{ '{{' }} for the braces themselves");
      break;
    }
    std::string_view const expression = trimmed(text.substr(open + 2, close - open - 2));
    if (auto const quoted = unquoted(expression)) {
      out.parts_.push_back({.literal = std::string{*quoted}, .variable = {}});
    } else if (expression.empty()) {
      complain("nothing stands between `{{` and `}}`", "write {{ name }}");
    } else if (Lookup const variable = read_expression(expression, scope); !variable) {
      complain(variable.error().what, variable.error().mend);
    } else {
      out.parts_.push_back({.literal = {}, .variable = *variable});
    }
    braces += 1 + count_braces(expression);
    at = close + 2;
  }
  if (!good) return std::nullopt;
  return out;
}

namespace {

/// The view lives as long as the bindings.
std::string_view plain_value(Variable const& variable, Bindings const& bindings) {
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
    case Variable::Kind::constant:
      return variable.constant;
  }
  return {};
}

}  // namespace

std::string value_of(Variable const& variable, Bindings const& bindings) {
  std::string_view const value = plain_value(variable, bindings);
  return variable.filters.empty() ? std::string{value} : filtered(variable.filters, value);
}

std::string Template::render(Bindings const& bindings) const {
  std::string text;
  for (Part const& part : parts_)
    if (!part.variable)
      text += part.literal;
    else if (part.variable->filters.empty())
      text += plain_value(*part.variable, bindings);
    else
      text += filtered(part.variable->filters, plain_value(*part.variable, bindings));
  return text;
}

void Template::collect_axes(std::set<std::uint32_t>& axes) const {
  for (Part const& part : parts_)
    if (part.variable && part.variable->kind == Variable::Kind::axis) axes.insert(part.variable->axis);
}

}  // namespace callsheet::manifest
