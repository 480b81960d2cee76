#pragma once

// Private to catalog/: reads values of the YAML tree, or throws where one makes no sense.

#include "orchestrator/core/credits.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace callsheet::catalog {

inline constexpr std::int64_t decimal_one = 10'000;

/// Thrown here and caught in load.cpp: reading a catalog stops at its first mistake.
struct Bad {
  YAML::Mark mark;
  std::string what;
};

[[noreturn]] inline void bad(YAML::Node const& node, std::string what) {
  throw Bad{node.Mark(), std::move(what)};
}

inline YAML::Node need(YAML::Node const& map, char const* key) {
  YAML::Node const found = map[key];
  if (!found) bad(map, fmt::format("`{}` is missing", key));
  return found;
}

/// A key nobody reads is a rule nobody keeps.
inline void only(YAML::Node const& map, std::initializer_list<std::string_view> keys) {
  if (!map.IsMap()) bad(map, "a group of keys is expected here");
  for (auto const& entry : map) {
    auto const& key = entry.first.Scalar();
    if (!key.starts_with("x-") && std::find(keys.begin(), keys.end(), key) == keys.end())
      bad(entry.first, fmt::format("`{}` is not known here", key));
  }
}

inline std::string text(YAML::Node const& node) {
  if (!node.IsScalar()) bad(node, "a text is expected here");
  return node.Scalar();
}

/// A decimal in 1/10,000, exactly: prices never touch floating point.
inline std::int64_t decimal(YAML::Node const& node) {
  auto const parsed = Credits::parse(text(node));
  if (!parsed) bad(node, fmt::format("`{}` is not a number of at most four decimals", text(node)));
  return parsed->units();
}

inline std::int64_t integer(YAML::Node const& node) {
  std::int64_t const units = decimal(node);
  if (units % decimal_one != 0) bad(node, "a whole number is expected here");
  return units / decimal_one;
}

inline bool yes(YAML::Node const& node) {
  std::string const value = text(node);
  if (value != "true" && value != "false") bad(node, "true or false is expected here");
  return value == "true";
}

template <class T>
T word(YAML::Node const& node, std::optional<T> (*parse)(std::string_view)) {
  auto const parsed = parse(text(node));
  if (!parsed) bad(node, fmt::format("`{}` is not known here", text(node)));
  return *parsed;
}

template <class T>
T word_or(YAML::Node const& node, std::optional<T> (*parse)(std::string_view), T otherwise) {
  return node ? word(node, parse) : otherwise;
}

template <class T>
std::vector<T> words(YAML::Node const& list, std::optional<T> (*parse)(std::string_view)) {
  if (!list.IsSequence()) bad(list, "a list is expected here");
  std::vector<T> out;
  for (YAML::Node const& item : list) out.push_back(word(item, parse));
  return out;
}

/// A whole number that need not be there.
template <class Number>
Number count_or(YAML::Node const& node, Number otherwise) {
  return node ? static_cast<Number>(integer(node)) : otherwise;
}

inline std::chrono::seconds seconds_or_none(YAML::Node const& node) {
  return std::chrono::seconds{count_or<std::int64_t>(node, 0)};
}

inline bool is_on(YAML::Node const& node) {
  return node && yes(node);
}

}  // namespace callsheet::catalog
