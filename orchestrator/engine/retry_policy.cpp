#include "orchestrator/engine/retry_policy.hpp"

namespace callsheet::engine {

Remedy remedy_when_refused(FailureKind kind) {
  switch (kind) {
    case FailureKind::not_sent:
      return Remedy::retry;
    case FailureKind::rate_limited:
      return Remedy::retry_unpaid;
    case FailureKind::content_refused:
      return Remedy::give_up;
    case FailureKind::invalid_request:
      return Remedy::give_up;
    case FailureKind::unauthorized:
      return Remedy::stop_run;
    case FailureKind::model_denied:
      return Remedy::drop_model;
    case FailureKind::out_of_credit:
      return Remedy::stop_run;
    case FailureKind::model_unavailable:
      return Remedy::fall_back;
    case FailureKind::temporary:
      return Remedy::fall_back;
    case FailureKind::no_content:
      return Remedy::give_up;
    case FailureKind::cancelled:
      return Remedy::give_up;
    case FailureKind::task_unknown:
      return Remedy::give_up;
    case FailureKind::bad_clip:
      return Remedy::give_up;
    case FailureKind::unknown:
      return Remedy::give_up;
  }
  return Remedy::give_up;
}

Remedy remedy_when_failed(FailureKind kind) {
  switch (kind) {
    case FailureKind::model_unavailable:
      return Remedy::fall_back;
    case FailureKind::temporary:
      return Remedy::fall_back;
    case FailureKind::rate_limited:
      return Remedy::retry;
    case FailureKind::not_sent:
    case FailureKind::content_refused:
    case FailureKind::invalid_request:
    case FailureKind::unauthorized:
    case FailureKind::model_denied:
    case FailureKind::out_of_credit:
    case FailureKind::no_content:
    case FailureKind::cancelled:
    case FailureKind::task_unknown:
    case FailureKind::bad_clip:
    case FailureKind::unknown:
      return Remedy::give_up;
  }
  return Remedy::give_up;
}

}  // namespace callsheet::engine
