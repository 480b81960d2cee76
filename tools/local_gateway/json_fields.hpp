#pragma once

#include "tools/local_gateway/refusal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::local_gateway {

/// Typed reading of one JSON object. The first thing that is wrong is kept in `refusal` and ends all further
/// checks: a create request is answered with one error.
class Fields {
 public:
  /// `path` is put before names in `param`, e.g. "model_params.".
  Fields(nlohmann::json const& object, std::string path, std::optional<Refusal>& refusal);

  /// Null when absent or null, or after a refusal.
  [[nodiscard]] nlohmann::json const* find(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::optional<int> integer(std::string_view name);
  [[nodiscard]] std::optional<bool> boolean(std::string_view name);
  [[nodiscard]] nlohmann::json const* object(std::string_view name);
  [[nodiscard]] nlohmann::json const* array(std::string_view name);
  /// Text that must be one of `allowed`; the answer is its position.
  [[nodiscard]] std::optional<std::size_t> choice(std::string_view name,
                                                  std::vector<std::string_view> const& allowed);
  /// Refuses any field not in `known`.
  void only(std::vector<std::string_view> const& known, std::string_view of_what);
  void refuse(std::string_view name, std::string message);
  [[nodiscard]] bool refused() const { return refusal_.has_value(); }
  [[nodiscard]] std::string path_of(std::string_view name) const { return path_ + std::string{name}; }

 private:
  nlohmann::json const& object_;
  std::string path_;
  std::optional<Refusal>& refusal_;
};

}  // namespace callsheet::local_gateway
