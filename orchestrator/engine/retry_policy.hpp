#pragma once

#include "orchestrator/core/failure.hpp"
#include "orchestrator/engine/settings.hpp"

namespace callsheet::engine {

/// What a failure asks for. One table decides, by kind, never by message text.
enum class Remedy {
  retry,         ///< the same candidate again after a wait
  retry_unpaid,  ///< the same candidate again after a wait the gateway chose; does not count as a failure
  fall_back,     ///< the next candidate by price; from the first again, after a wait, when there is none
  next_model,    ///< a candidate of another model, once each: this one would refuse it again
  drop_model,    ///< never this model again in this run; the next candidate
  give_up,       ///< the task failed: no model would do better
  stop_run,      ///< nothing else would pass either: submit nothing more
};

/// Before the gateway took anything: a remedy costs nothing but time. gateway-api.md sections 8.1 to 8.3.
[[nodiscard]] Remedy remedy_when_refused(FailureKind kind, RefusedContent refused_content);

/// After the gateway took the task and failed it: a remedy may cost money again. gateway-api.md section 8.4.
[[nodiscard]] Remedy remedy_when_failed(FailureKind kind, RefusedContent refused_content);

}  // namespace callsheet::engine
