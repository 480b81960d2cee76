#pragma once

#include "orchestrator/core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace callsheet::plan {

/// Which tasks are asked for, in the words they were asked for by; nothing said is all of them.
struct ChoiceWords {
  std::vector<std::string> tags = {};   ///< any of these tags; `!` before one leaves its tasks out
  std::vector<std::string> names = {};  ///< a name that matches one of these globs
  std::size_t sample = 0;               ///< so many of what is left, one take of each; 0: all

  friend bool operator==(ChoiceWords const&, ChoiceWords const&) = default;
};

/// The flags that say so, as a shell takes them: "--tag hero --only 'de-*' --sample 3"; empty for all.
[[nodiscard]] std::string to_flags(ChoiceWords const& words);

/// Which tasks are asked for. By default all.
class TaskChoice {
 public:
  TaskChoice() = default;
  /// Fails with Code::usage.
  [[nodiscard]] static Result<TaskChoice> parse(ChoiceWords const& words);

  [[nodiscard]] bool is_all() const { return words() == ChoiceWords{}; }
  /// By tags and name; a sample is taken of these.
  [[nodiscard]] bool takes(std::string_view name, std::vector<std::string> const& tags) const;
  /// Sorted.
  [[nodiscard]] std::vector<std::string> const& any_tag_of() const { return any_tag_of_; }
  [[nodiscard]] std::vector<std::string> const& names() const { return names_; }
  [[nodiscard]] std::size_t sample() const { return sample_; }
  /// What parse() makes this choice of, in an order of its own.
  [[nodiscard]] ChoiceWords words() const;

 private:
  std::vector<std::string> any_tag_of_;
  std::vector<std::string> no_tag_of_;
  std::vector<std::string> names_;
  std::size_t sample_ = 0;
};

}  // namespace callsheet::plan
