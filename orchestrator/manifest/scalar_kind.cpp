#include "orchestrator/manifest/scalar_kind.hpp"

#include <algorithm>

namespace callsheet::manifest {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// [-+]? ( digits ( "." digits? )? | "." digits ) ( [eE] [-+]? digits )?
NodeKind kind_of_number(std::string_view text) {
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  std::size_t const first = at;
  at = skip_digits(text, at);
  std::size_t digits = at - first;
  if (at == text.size()) return digits > 0 ? NodeKind::integer : NodeKind::text;
  if (text[at] == '.') {
    std::size_t const fraction = at + 1;
    at = skip_digits(text, fraction);
    digits += at - fraction;
  }
  if (digits == 0) return NodeKind::text;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    std::size_t const exponent = at;
    at = skip_digits(text, at);
    if (at == exponent) return NodeKind::text;
  }
  return at == text.size() ? NodeKind::number : NodeKind::text;
}

}  // namespace

NodeKind kind_of_plain_scalar(std::string_view text) {
  constexpr std::string_view nulls[] = {"", "~", "null", "Null", "NULL"};
  constexpr std::string_view booleans[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
  if (std::find(std::begin(nulls), std::end(nulls), text) != std::end(nulls)) return NodeKind::null;
  if (std::find(std::begin(booleans), std::end(booleans), text) != std::end(booleans))
    return NodeKind::boolean;
  return kind_of_number(text);
}

}  // namespace callsheet::manifest
