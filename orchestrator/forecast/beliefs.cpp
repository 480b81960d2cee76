#include "orchestrator/forecast/beliefs.hpp"

#include "orchestrator/run/recovery.hpp"

namespace callsheet::forecast {

namespace {

/// What says something about the gateway, not about this machine, the key or a request that was wrong.
bool is_the_gateways(ledger::AttemptTally const& tally) {
  if (!tally.failure || tally.state == AttemptState::finished) return true;
  switch (*tally.failure) {
    case FailureKind::not_sent:
    case FailureKind::invalid_request:
    case FailureKind::unauthorized:
    case FailureKind::model_denied:
    case FailureKind::out_of_credit:
      return tally.state == AttemptState::in_doubt;
    case FailureKind::rate_limited:
    case FailureKind::content_refused:
    case FailureKind::model_unavailable:
    case FailureKind::temporary:
    case FailureKind::no_content:
    case FailureKind::cancelled:
    case FailureKind::task_unknown:
    case FailureKind::bad_clip:
    case FailureKind::unknown:
      return true;
  }
  return true;
}

Fate::Kind kind_of(AttemptState state) {
  switch (state) {
    case AttemptState::failed:
      return Fate::Kind::failed;
    case AttemptState::refused:
      return Fate::Kind::refused;
    case AttemptState::in_doubt:
      return Fate::Kind::doubted;
    case AttemptState::finished:
    case AttemptState::running:
    case AttemptState::submitting:
      return Fate::Kind::made;
  }
  return Fate::Kind::made;
}

}  // namespace

Beliefs::Beliefs(Assumptions assumed, std::vector<ledger::DurationHistory> const& durations,
                 std::vector<ledger::AttemptTally> const& attempts)
    : assumed_{assumed}, assumed_duration_{assumed.least, assumed.most} {
  std::map<ModelId, engine::DurationKnowledge> of_models;
  for (auto const& [kind, steps] : run::durations_from(durations)) {
    DurationDraw draw{steps};
    if (!draw.is_known()) continue;
    by_kind_.emplace(kind, std::move(draw));
    of_models[kind.model].restore(steps, 1);
  }
  for (auto const& [model, known] : of_models) by_model_.emplace(model, DurationDraw{known.steps()});

  std::int64_t const failing = weight_of_assumption * assumed.failing_percent;
  unseen_.weights = {{Fate{}, weight_of_assumption * 100 - failing}, {{.kind = Fate::Kind::failed}, failing}};
  for (ledger::AttemptTally const& tally : attempts) {
    if (!is_the_gateways(tally)) continue;
    Outcomes& outcomes = outcomes_.try_emplace(tally.model, unseen_).first->second;
    outcomes.seen += tally.attempts;
    Fate const fate{.kind = kind_of(tally.state), .failure = tally.failure.value_or(FailureKind::temporary)};
    if (fate.kind != Fate::Kind::failed) {
      outcomes.weights.push_back({fate, tally.attempts * 100});
      continue;
    }
    Fate charged = fate;
    charged.charged = true;
    outcomes.weights.push_back({charged, tally.billed * 100});
    outcomes.weights.push_back({fate, (tally.attempts - tally.billed) * 100});
  }
}

Beliefs::Source Beliefs::source_of(engine::PollKind const& kind) const {
  if (by_kind_.contains(kind)) return Source::kind;
  return by_model_.contains(kind.model) ? Source::model : Source::assumed;
}

Duration Beliefs::draw_duration(engine::PollKind const& kind, engine::Random& random) const {
  if (auto const found = by_kind_.find(kind); found != by_kind_.end()) return found->second.draw(random);
  if (auto const found = by_model_.find(kind.model); found != by_model_.end())
    return found->second.draw(random);
  return assumed_duration_.draw(random);
}

Beliefs::Outcomes const& Beliefs::outcomes_of(ModelId const& model) const {
  auto const found = outcomes_.find(model);
  return found == outcomes_.end() ? unseen_ : found->second;
}

std::int64_t Beliefs::attempts_of(ModelId const& model) const {
  return outcomes_of(model).seen;
}

double Beliefs::trouble_percent(ModelId const& model) const {
  std::int64_t all = 0;
  std::int64_t trouble = 0;
  for (auto const& [fate, weight] : outcomes_of(model).weights) {
    all += weight;
    if (fate.kind != Fate::Kind::made) trouble += weight;
  }
  return 100.0 * static_cast<double>(trouble) / static_cast<double>(all);
}

Fate Beliefs::draw_fate(ModelId const& model, engine::Random& random) const {
  auto const& weights = outcomes_of(model).weights;
  std::int64_t all = 0;
  for (auto const& [fate, weight] : weights) all += weight;
  std::int64_t at = random.between(0, all - 1);
  for (auto const& [fate, weight] : weights) {
    if (at < weight) return fate;
    at -= weight;
  }
  return {};
}

}  // namespace callsheet::forecast
