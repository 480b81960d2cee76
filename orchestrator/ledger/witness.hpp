#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/credits.hpp"
#include "orchestrator/core/ids.hpp"
#include "orchestrator/ledger/book.hpp"

#include <string>
#include <vector>

// The laws of money, held against the bill of somebody who keeps books of his own.
namespace callsheet::ledger {

/// An attempt as the ledger has it.
struct BookedAttempt {
  AttemptKey key;
  std::string idempotency_key;
  Balance balance;
};

/// One task as the gateway's own books have it.
struct WitnessLine {
  std::string idempotency_key;
  Credits charged;
  Credits reserved;        ///< still: the task has not ended
  bool delivered = false;  ///< a clip was made for the money
};

/// What the two books say together.
struct Testimony {
  Credits charged, reserved;          ///< by the witness
  std::vector<std::string> breaches;  ///< a sentence each, which law broke and where; empty: none
};

/// Whether the cap held, no take was paid twice, and the ledger counts with everything the gateway has taken
/// or may still take: what is in doubt or expected back is counted with, and so allowed for. Pure.
[[nodiscard]] Testimony compare(std::vector<BookedAttempt> const& booked,
                                std::vector<WitnessLine> const& bill, Credits cap);

}  // namespace callsheet::ledger
