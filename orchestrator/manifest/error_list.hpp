#pragma once

#include "orchestrator/core/error.hpp"
#include "orchestrator/core/source_location.hpp"

#include <cstddef>
#include <map>
#include <vector>

namespace callsheet::manifest {

/// Collects the errors of a manifest: one per place (the first wins, so one mistake in a template that makes
/// 10,000 tasks is told once), sorted by position when taken.
class ErrorList {
 public:
  void add(Error error);
  void add(std::vector<Error> errors);
  [[nodiscard]] bool empty() const { return errors_.empty(); }
  /// Enough to mend for one sitting: callers that stream may stop.
  [[nodiscard]] bool full() const { return errors_.size() >= shown_max; }
  /// Sorted by file, line, column.
  [[nodiscard]] std::vector<Error> take();

  static constexpr std::size_t shown_max = 200;

 private:
  std::map<SourceLocation, Error> errors_;
};

}  // namespace callsheet::manifest
