#pragma once

#include "orchestrator/core/result.hpp"

#include <string>
#include <vector>

namespace callsheet::plan {

/// Which tasks are asked for, by their tags: those with any of some tags and none of others. By default all.
class TagChoice {
 public:
  TagChoice() = default;
  /// Each of `asked` is a tag, or `!` and a tag to leave out. Fails with Code::usage.
  [[nodiscard]] static Result<TagChoice> parse(std::vector<std::string> const& asked);

  [[nodiscard]] bool is_all() const { return any_of_.empty() && none_of_.empty(); }
  [[nodiscard]] bool takes(std::vector<std::string> const& tags) const;
  /// Sorted.
  [[nodiscard]] std::vector<std::string> const& any_of() const { return any_of_; }
  /// What parse() makes this choice of, in an order of its own.
  [[nodiscard]] std::vector<std::string> asked() const;

 private:
  std::vector<std::string> any_of_;
  std::vector<std::string> none_of_;
};

}  // namespace callsheet::plan
