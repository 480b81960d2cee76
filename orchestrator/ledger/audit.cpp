#include "orchestrator/ledger/audit.hpp"

#include "orchestrator/ledger/each_task.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

std::string in_text(Balance const& balance) {
  return fmt::format("{} billed, {} held, {} refund expected", to_string(balance.billed),
                     to_string(balance.held), to_string(balance.refund_expected));
}

class Auditor {
 public:
  explicit Auditor(RunSummary const& run) : run_{run} {}

  void add(std::vector<Entry> const& entries) {
    for (Entry const& entry : entries) {
      shift(sum_, entry.from, entry.to, entry.amount);
      shift(by_attempt_[entry.attempt], entry.from, entry.to, entry.amount);
    }
  }

  void compare(AttemptRecord const& attempt) {
    Balance const booked = by_attempt_[attempt.key];
    by_attempt_.erase(attempt.key);
    if (booked != attempt.balance)
      fault(attempt.key, fmt::format("its entries come to {}, but it stands at {}", in_text(booked),
                                     in_text(attempt.balance)));
    bool const open = is_open(attempt.state);
    if (!open && attempt.balance.held != Credits{})
      fault(attempt.key,
            fmt::format("it has ended and still holds {} credits", to_string(attempt.balance.held)));
    if (open && attempt.balance.held == Credits{})
      fault(attempt.key, "it may cost something and holds nothing");
  }

  std::vector<BookFault> finish() && {
    for (auto const& [attempt, balance] : by_attempt_)
      fault(attempt, fmt::format("there are entries ({}) of an attempt that is not there", in_text(balance)));
    if (sum_ != run_.balance)
      fault({}, fmt::format("the entries come to {}, but the run stands at {}", in_text(sum_),
                            in_text(run_.balance)));
    return std::move(faults_);
  }

 private:
  void fault(std::optional<AttemptKey> attempt, std::string what) {
    faults_.push_back({.run = run_.id, .attempt = attempt, .what = std::move(what)});
  }

  RunSummary const& run_;
  Balance sum_;
  std::map<AttemptKey, Balance> by_attempt_;
  std::vector<BookFault> faults_;
};

Balance booked_between(TimePoint after, TimePoint until, std::vector<Entry> const& entries) {
  Balance change;
  for (Entry const& entry : entries)
    if (entry.at > after && entry.at <= until) shift(change, entry.from, entry.to, entry.amount);
  return change;
}

Credits below_zero(Credits amount) {
  return std::min(amount, Credits{});
}
Credits above_zero(Credits amount) {
  return std::max(amount, Credits{});
}

/// How far outside of what the books allow an account fell.
Credits outside(Credits fell, Balance const& booked) {
  Credits const least = booked.billed + below_zero(booked.held) + below_zero(booked.refund_expected);
  Credits const most = booked.billed + above_zero(booked.held) + above_zero(booked.refund_expected);
  return above_zero(fell - most) + below_zero(fell - least);
}

}  // namespace

Result<std::vector<BookFault>> audit_books(Ledger& ledger, RunSummary const& run,
                                           std::vector<Entry> const& entries) {
  Auditor auditor{run};
  auditor.add(entries);
  auto const compared = for_each_task(ledger, run.id, [&auditor](TaskRecord const& task) -> Result<void> {
    for (AttemptRecord const& attempt : task.attempts) auditor.compare(attempt);
    return {};
  });
  if (!compared) return fail(compared.error());
  return std::move(auditor).finish();
}

std::vector<Reconciliation> reconcile(std::vector<BalanceSeen> const& seen,
                                      std::vector<Entry> const& entries) {
  std::vector<Reconciliation> list;
  Balance since_first;
  Credits known;
  for (std::size_t i = 1; i < seen.size(); ++i) {
    Balance const booked = booked_between(seen[i - 1].at, seen[i].at, entries);
    since_first += booked;
    Credits const by_now = outside(seen.front().account - seen[i].account, since_first);
    list.push_back({.from = seen[i - 1],
                    .to = seen[i],
                    .booked = booked,
                    .unexplained = by_now - std::exchange(known, by_now)});
  }
  return list;
}

std::string explanation(Reconciliation const& one) {
  Credits const unexplained = one.unexplained;
  if (unexplained == Credits{}) return {};
  if (unexplained < Credits{})
    return fmt::format(
        "the account lost {} credits less than was booked: it was topped up, or money came back that the "
        "ledger counts as billed",
        to_string(-unexplained));
  return fmt::format(
      "the account lost {} credits more than was booked: somebody else uses it, a task was billed twice, "
      "or a price was higher than the gateway said",
      to_string(unexplained));
}

}  // namespace callsheet::ledger
