#include "orchestrator/engine/retry_policy.hpp"

namespace callsheet::engine {

namespace {

Remedy for_refused_content(RefusedContent what) {
  return what == RefusedContent::next_model ? Remedy::next_model : Remedy::give_up;
}

}  // namespace

Remedy remedy_when_refused(FailureKind kind, RefusedContent refused_content) {
  switch (kind) {
    case FailureKind::not_sent:
      return Remedy::retry;
    case FailureKind::rate_limited:
      return Remedy::retry_unpaid;
    case FailureKind::content_refused:
      return for_refused_content(refused_content);
    case FailureKind::unauthorized:
    case FailureKind::out_of_credit:
      return Remedy::stop_run;
    case FailureKind::model_denied:
      return Remedy::drop_model;
    case FailureKind::model_unavailable:
    case FailureKind::temporary:
      return Remedy::fall_back;
    case FailureKind::invalid_request:
    case FailureKind::no_content:
    case FailureKind::cancelled:
    case FailureKind::task_unknown:
    case FailureKind::bad_clip:
    case FailureKind::unknown:
      return Remedy::give_up;
  }
  return Remedy::give_up;
}

Remedy remedy_when_failed(FailureKind kind, RefusedContent refused_content) {
  switch (kind) {
    case FailureKind::content_refused:
      return for_refused_content(refused_content);
    case FailureKind::model_unavailable:
    case FailureKind::temporary:
      return Remedy::fall_back;
    case FailureKind::rate_limited:
      return Remedy::retry;
    case FailureKind::not_sent:
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
