#pragma once

#include "orchestrator/engine/event.hpp"
#include "orchestrator/engine/settings.hpp"

#include <string>
#include <vector>

namespace callsheet::engine {

/// An attempt whose create request may have landed.
struct Doubt {
  AttemptKey attempt;
  ModelId model;
  std::chrono::seconds duration{0};  ///< of the clip
  TimePoint sent;                    ///< not before
  TimePoint gave_up;                 ///< no answer was waited for any longer
  bool dated = true;                 ///< these times are right by our clock: else no list can tell
};

/// What a task list says about it.
struct DoubtVerdict {
  enum class Kind {
    unknown,    ///< nothing, or more than one could be it
    is,         ///< exactly this stranger, and this stranger can be nothing else
    not_taken,  ///< the list holds everything and nothing that could be it
  };
  AttemptKey attempt;
  Kind kind = Kind::unknown;
  GatewayTaskId id;  ///< is
};

/// How far a list can be trusted.
struct ListTrust {
  Listing worth = Listing::none;
  Duration clock_skew{0};   ///< between the gateway's clock and ours, at most
  Duration listing_lag{0};  ///< a task may be missing from the list for so long
};

/// Matches doubts with tasks nobody knows: by model, length of the clip, and time of creation. Strict: a clip
/// under the wrong name is as lost as none, so what two could own stays in doubt. `others`: create requests
/// of this run that may own a stranger too, and are not judged: they still wait for their answer, or their
/// task has ended in doubt. `asked`: when the list was asked for, which may be long before it is judged.
/// Pure.
[[nodiscard]] std::vector<DoubtVerdict> judge(std::vector<Doubt> const& doubts,
                                              std::vector<Doubt> const& others, Listed const& list,
                                              ListTrust const& trust, TimePoint asked);

}  // namespace callsheet::engine
