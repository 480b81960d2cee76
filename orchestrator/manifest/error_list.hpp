#pragma once

#include "orchestrator/core/error.hpp"
#include "orchestrator/core/source_location.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace callsheet::manifest {

/// Collects the errors of a manifest so that each mistake is told once: a template that makes 10,000 tasks is
/// one place, and shows at most a few different messages, each for the first combination that met it.
class ErrorList {
 public:
  /// `context` is added to the message (" (locale: de)") but does not make it a different one.
  void add(Error error, std::string const& context = {});
  void add(std::vector<Error> errors);
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Enough to mend for one sitting: callers that stream may stop.
  [[nodiscard]] bool full() const { return size_ >= errors_max; }
  /// Sorted by file, line, column.
  [[nodiscard]] std::vector<Error> take();

  static constexpr std::size_t errors_max = 200;
  static constexpr std::size_t per_place_max = 5;

 private:
  struct Told {
    std::string message;
    Error error;
  };
  std::map<SourceLocation, std::vector<Told>> places_;
  std::size_t size_ = 0;
};

}  // namespace callsheet::manifest
