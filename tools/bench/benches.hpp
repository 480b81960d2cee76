#pragma once

namespace callsheet::bench {

// Each prints its figures, with the target beside each.

/// Decisions a second, memory of a pending task, and what many pending tasks cost.
void engine_bench();
/// Reads a task and how late its end is seen: the engine against fixed and exponential polling.
void polling_bench();
/// How close a campaign comes to a first-come list schedule that knows when everything ends.
void makespan_bench();

}  // namespace callsheet::bench
