#include "orchestrator/manifest/suggest.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace callsheet::manifest {

namespace {

constexpr std::size_t compared_bytes_max = 128;
constexpr std::size_t listed_max = 12;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool begins_with(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && std::equal(start.begin(), start.end(), text.begin(),
                                                   [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, compared_bytes_max);
  b = b.substr(0, compared_bytes_max);
  std::vector<std::size_t> two_above(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_above, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      bool const same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
      bool const swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::optional<std::string> suggest(std::string_view typed, std::vector<std::string> const& choices) {
  if (typed.empty()) return std::nullopt;
  std::string const* best = nullptr;
  std::size_t nearest = typed.size() <= 3 ? 1 : std::max<std::size_t>(2, typed.size() / 3);
  for (std::string const& choice : choices) {
    std::size_t const distance = edit_distance(typed, choice);
    if (distance > nearest || distance >= choice.size() || (best != nullptr && distance == nearest)) continue;
    best = &choice;
    nearest = distance;
  }
  if (best != nullptr) return *best;
  for (std::string const& choice : choices)
    if (typed.size() >= 3 && (begins_with(choice, typed) || begins_with(typed, choice))) return choice;
  return std::nullopt;
}

std::string mend_with_choices(std::string_view typed, std::vector<std::string> const& choices) {
  if (auto const meant = suggest(typed, choices)) return fmt::format("did you mean `{}`?", *meant);
  if (choices.empty()) return {};
  std::string list;
  for (std::size_t i = 0; i < std::min(choices.size(), listed_max); ++i)
    list += fmt::format("{}{}", i == 0 ? "" : ", ", choices[i]);
  return fmt::format("choose one of: {}{}", list, choices.size() > listed_max ? ", …" : "");
}

}  // namespace callsheet::manifest
