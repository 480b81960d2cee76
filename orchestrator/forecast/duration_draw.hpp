#pragma once

#include "orchestrator/engine/poll_plan.hpp"
#include "orchestrator/engine/random.hpp"

#include <vector>

namespace callsheet::forecast {

/// How long tasks of one kind take, to draw from.
class DurationDraw {
 public:
  /// From what reading such tasks has shown: also that some were still running tells something. Only where
  /// ends were seen: is_known().
  explicit DurationDraw(std::vector<engine::DurationKnowledge::Step> const& history);
  /// Anywhere between the two.
  DurationDraw(Duration least, Duration most);

  [[nodiscard]] bool is_known() const { return !parts_.empty(); }
  [[nodiscard]] Duration draw(engine::Random& random) const;

 private:
  struct Part {
    double until = 0;  ///< chance to end in this part or before
    Duration from{0}, to{0};
  };
  std::vector<Part> parts_;
};

}  // namespace callsheet::forecast
