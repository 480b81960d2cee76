#include "tools/local_gateway/json_fields.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace callsheet::local_gateway {

using nlohmann::json;

Fields::Fields(json const& object, std::string path, std::optional<Refusal>& refusal)
    : object_{object}, path_{std::move(path)}, refusal_{refusal} {}

json const* Fields::find(std::string_view name) const {
  if (refused()) return nullptr;
  auto const found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> Fields::text(std::string_view name) {
  json const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  refuse(name, fmt::format("{} must be a string", path_of(name)));
  return std::nullopt;
}

std::optional<int> Fields::integer(std::string_view name) {
  json const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) {
    auto const wide = value->get<std::int64_t>();
    return static_cast<int>(
        std::clamp<std::int64_t>(wide, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
  }
  refuse(name, fmt::format("{} must be an integer", path_of(name)));
  return std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view name) {
  json const* const value = find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  refuse(name, fmt::format("{} must be true or false", path_of(name)));
  return std::nullopt;
}

json const* Fields::object(std::string_view name) {
  json const* const value = find(name);
  if (value == nullptr || value->is_object()) return value;
  refuse(name, fmt::format("{} must be an object", path_of(name)));
  return nullptr;
}

json const* Fields::array(std::string_view name) {
  json const* const value = find(name);
  if (value == nullptr || value->is_array()) return value;
  refuse(name, fmt::format("{} must be an array", path_of(name)));
  return nullptr;
}

std::optional<std::size_t> Fields::choice(std::string_view name,
                                          std::vector<std::string_view> const& allowed) {
  std::optional<std::string> const value = text(name);
  if (!value) return std::nullopt;
  auto const found = std::find(allowed.begin(), allowed.end(), *value);
  if (found != allowed.end()) return static_cast<std::size_t>(found - allowed.begin());
  refuse(name, fmt::format("{} must be one of: {}", path_of(name), fmt::join(allowed, ", ")));
  return std::nullopt;
}

void Fields::only(std::vector<std::string_view> const& known, std::string_view of_what) {
  if (refused()) return;
  for (auto const& [name, value] : object_.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return refuse(name, fmt::format("{} is not a parameter of {}", path_of(name), of_what));
}

void Fields::refuse(std::string_view name, std::string message) {
  if (!refusal_) refusal_ = Refusal{.message = std::move(message), .param = path_of(name)};
}

}  // namespace callsheet::local_gateway
