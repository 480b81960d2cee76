#pragma once

#include <optional>
#include <string_view>

namespace callsheet {

/// The life of an attempt (one paid try of a task). States name what is true; every change is durable.
///
///     submitting ──► running ──► finished
///       │   │           └──────► failed
///       │   └──► in_doubt ──► running      (evidence: it landed)
///       │            ├──────► refused      (evidence: it did not)
///       │            └──────► failed       (evidence: it was billed, and nobody knows its id)
///       └──────► refused
///
/// A hold is taken in the same commit that records `submitting`, before the first byte leaves.
enum class AttemptState {
  submitting,  ///< held; the create request may be on its way
  running,     ///< the gateway gave a task id
  in_doubt,    ///< the request may have landed and no answer told: keeps its hold, is never sent again on a
               ///< guess
  finished,    ///< the gateway made the clip: billed
  failed,      ///< the gateway took the task and failed it: its balance tells what became of the money
  refused,     ///< certainly not taken: hold released
};

/// Whether the diagram has an arrow from `from` to `to`.
[[nodiscard]] bool may_become(AttemptState from, AttemptState to);
/// Whether nobody knows yet what it comes to.
[[nodiscard]] bool is_open(AttemptState state);

/// How the amount of a bill is known.
enum class BilledBy {
  told,     ///< the gateway said so
  request,  ///< by its price list, which is final for this model
  length,   ///< by its price list and the length of the clip
  hand,     ///< a person said so
};

std::string_view to_string(AttemptState state);
std::optional<AttemptState> parse_attempt_state(std::string_view text);
std::string_view to_string(BilledBy by);
std::optional<BilledBy> parse_billed_by(std::string_view text);

}  // namespace callsheet
