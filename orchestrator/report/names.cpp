#include "orchestrator/report/result_model.hpp"

namespace callsheet::report {

std::string_view in_words(ClipStatus status) {
  switch (status) {
    case ClipStatus::outstanding:
      return "outstanding";
    case ClipStatus::made:
      return "made";
    case ClipStatus::mismatched:
      return "mismatched";
    case ClipStatus::reused:
      return "reused";
    case ClipStatus::failed:
      return "failed";
    case ClipStatus::in_doubt:
      return "in doubt";
    case ClipStatus::waiting:
      return "waiting";
    case ClipStatus::skipped:
      return "skipped";
  }
  return "";
}

std::string_view in_words(RunStatus status) {
  switch (status) {
    case RunStatus::running:
      return "running";
    case RunStatus::completed:
      return "completed";
    case RunStatus::interrupted:
      return "interrupted";
    case RunStatus::waiting:
      return "waiting";
    case RunStatus::stopped_by_budget:
      return "stopped by budget";
    case RunStatus::stopped_by_deadline:
      return "stopped by deadline";
    case RunStatus::stopped_by_threshold:
      return "stopped by threshold";
  }
  return "";
}

std::string_view in_words(AttemptState state) {
  switch (state) {
    case AttemptState::submitting:
      return "submitting";
    case AttemptState::running:
      return "running";
    case AttemptState::in_doubt:
      return "in doubt";
    case AttemptState::finished:
      return "finished";
    case AttemptState::failed:
      return "failed";
    case AttemptState::refused:
      return "refused";
  }
  return "";
}

std::string_view in_words(FailureKind kind) {
  switch (kind) {
    case FailureKind::not_sent:
      return "the request never left";
    case FailureKind::rate_limited:
      return "too many requests";
    case FailureKind::content_refused:
      return "the content was refused";
    case FailureKind::invalid_request:
      return "the request is not valid";
    case FailureKind::unauthorized:
      return "the key was not accepted";
    case FailureKind::model_denied:
      return "the key may not use this model";
    case FailureKind::out_of_credit:
      return "the account is out of credits";
    case FailureKind::model_unavailable:
      return "the model had no capacity";
    case FailureKind::temporary:
      return "a temporary fault";
    case FailureKind::no_content:
      return "the model made nothing of it";
    case FailureKind::cancelled:
      return "cancelled by the gateway";
    case FailureKind::task_unknown:
      return "the gateway no longer knows the task";
    case FailureKind::bad_clip:
      return "the clip that came is not whole";
    case FailureKind::unknown:
      return "an undocumented failure";
  }
  return "";
}

}  // namespace callsheet::report
