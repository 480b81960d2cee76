#pragma once

#include "orchestrator/ledger/ledger.hpp"

#include <optional>
#include <string>
#include <vector>

// The books looked at once more: the balance of every run and attempt is the sum of its entries, and the
// gateway's own balance fell by what they say.
namespace callsheet::ledger {

/// Something in a run's books that does not agree with itself.
struct BookFault {
  RunId run;
  std::optional<AttemptKey> attempt;  ///< empty: of the run as a whole
  std::string what;
};

/// Recomputes the run's balances from its entries alone and compares them with what the ledger keeps. `run`
/// and `entries` are of the same moment. Blocking.
[[nodiscard]] Result<std::vector<BookFault>> audit_books(Ledger& ledger, RunSummary const& run,
                                                         std::vector<Entry> const& entries);

/// Two answers of the gateway about its account, and what the books say of the time between.
struct Reconciliation {
  BalanceSeen from, to;
  Balance booked;  ///< change between the two; held and refund expected may be below zero
  /// What came to light between the two. Above zero: the account lost more than the books can tell. Below:
  /// less.
  Credits unexplained;

  /// How much the account went down.
  [[nodiscard]] Credits fell() const { return from.account - to.account; }
};

/// Between every two answers in a row. Money that is held or expected back may be off the account or not
/// (gateway-api.md section 10 does not tell when), so everything since the first answer is compared: a hold
/// that hides a difference hides it only while it lasts. `entries`: of all runs at that gateway. Pure.
[[nodiscard]] std::vector<Reconciliation> reconcile(std::vector<BalanceSeen> const& seen,
                                                    std::vector<Entry> const& entries);

/// What may be behind a difference, for people; empty when there is none.
[[nodiscard]] std::string explanation(Reconciliation const& one);

}  // namespace callsheet::ledger
