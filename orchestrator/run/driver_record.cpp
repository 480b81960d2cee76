// Orders of the engine that are only recorded and told of.

#include "orchestrator/core/overloaded.hpp"
#include "orchestrator/run/driver.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

bool Driver::record(engine::Action const& action) {
  TimePoint const now = edges_.clock.now();
  return std::visit(
      Overloaded{
          [&](engine::RaiseHold const& order) {
            Credits const before = std::exchange(live(order.attempt.task).held, order.to);
            writer_.post(ledger::HoldRaised{.attempt = order.attempt, .to = order.to, .at = now});
            announce_money(order.to - before, Credits{}, Credits{});
            return true;
          },
          [&](engine::Settle const& order) {
            Credits const held = std::exchange(live(order.attempt.task).held, Credits{});
            writer_.post(
                ledger::Settled{.attempt = order.attempt, .billed = order.billed, .by = order.by, .at = now});
            announce_money(-held, order.billed, Credits{});
            return true;
          },
          [&](engine::Release const& order) {
            Credits const held = std::exchange(live(order.attempt.task).held, Credits{});
            writer_.post(ledger::Released{
                .attempt = order.attempt, .failure = order.failure, .then = order.then, .at = now});
            announce_money(-held, Credits{}, Credits{});
            tell(AttemptTroubled{
                .attempt = order.attempt, .title = title(order.attempt.task), .failure = order.failure});
            return true;
          },
          [&](engine::BookFailure const& order) {
            Credits const held = std::exchange(live(order.attempt.task).held, Credits{});
            bool const seen = order.refund == engine::Refund::seen;
            writer_.post(ledger::FailureBooked{.attempt = order.attempt,
                                               .failure = order.failure,
                                               .refund_seen = seen,
                                               .charged = order.charged,
                                               .then = order.then,
                                               .at = now});
            if (order.charged)
              announce_money(-held, *order.charged, Credits{});
            else
              announce_money(-held, Credits{}, seen ? Credits{} : held);
            tell(AttemptTroubled{
                .attempt = order.attempt, .title = title(order.attempt.task), .failure = order.failure});
            return true;
          },
          [&](engine::MarkInDoubt const& order) {
            writer_.post(ledger::Doubted{.attempt = order.attempt, .failure = order.failure, .at = now});
            tell(AttemptTroubled{.attempt = order.attempt,
                                 .title = title(order.attempt.task),
                                 .failure = order.failure,
                                 .in_doubt = true});
            return true;
          },
          [&](engine::SetAside const& order) {
            std::string text =
                fmt::format("{} is asked for nothing more in this run: {}", order.model.str(), order.why);
            writer_.post(ledger::Noted{.text = text, .at = now});
            tell(Warned{std::move(text)});
            return true;
          },
          [&](engine::Finish const& order) {
            writer_.post(
                ledger::TaskEnded{.task = order.task, .outcome = order.outcome, .why = order.why, .at = now});
            Live const& closed = live(order.task);
            plan::PlannedTask const& planned = closed.task.plan;
            tell(TaskClosed{.task = order.task,
                            .title = title(order.task),
                            .outcome = order.outcome,
                            .why = order.why,
                            .duration = planned.request.duration,
                            .quality = closed.bought.value_or(planned.route->candidates.front().quality),
                            .element = !makes_clips(planned.request.mode),
                            .file = closed.file});
            forget(order.task);
            return true;
          },
          [&](engine::FinishRest const& order) {
            // What is outstanding needs no record: it is what has no outcome.
            if (order.outcome != TaskOutcome::outstanding)
              writer_.post(ledger::RestEnded{.outcome = order.outcome, .why = order.why, .at = now});
            tell(RestClosed{.outcome = order.outcome, .why = order.why});
            return true;
          },
          [](auto const&) { return false; },
      },
      action);
}

void Driver::announce_money(Credits held, Credits billed, Credits refund_expected) {
  balance_ += {.held = held, .billed = billed, .refund_expected = refund_expected};
  tell(MoneyMoved{
      .held = balance_.held, .billed = balance_.billed, .refund_expected = balance_.refund_expected});
}

}  // namespace callsheet::run
