#pragma once

#include "orchestrator/ledger/record.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace callsheet::ledger {

/// What stands on the accounts of something: a run, a group of its tasks, a task, an attempt.
struct Balance {
  Credits held, billed, refund_expected;

  /// What counts against a cap.
  [[nodiscard]] Credits committed() const { return held + billed + refund_expected; }
  Balance& operator+=(Balance const& other);
  friend bool operator==(Balance const&, Balance const&) = default;
};

/// Moves an amount from one account to the other; "available" is not part of a balance.
void shift(Balance& balance, Account from, Account to, Credits amount);

/// One movement of money, to be written down as an entry.
struct Posting {
  Account from = Account::available;
  Account to = Account::held;
  Credits amount;
  std::string_view reason;  ///< a literal
};

/// An attempt as far as money goes.
struct AttemptStanding {
  AttemptState state = AttemptState::submitting;
  Balance balance;
  std::int64_t day = 0;  ///< of its hold, since 1970: the day's cap it counts against
  GroupSet groups;
};

/// Which day a hold counts against: of UTC, since 1970.
[[nodiscard]] std::int64_t day_of(TimePoint time);

/// The booking of one run, pure: what each record does to the money, and whether a hold is allowed (law 1).
/// Every store keeps one beside its rows, so that all of them book alike. It remembers attempts of tasks that
/// have not ended; a store brings back others before it books a record about them.
class Book {
 public:
  explicit Book(Budget caps);

  /// What the store knows when the book is opened.
  void restore(Balance const& run, std::vector<Credits> const& groups_committed);
  void restore(AttemptKey attempt, AttemptStanding const& standing);
  [[nodiscard]] bool knows(AttemptKey attempt) const;
  /// What all runs of the gateway have committed on that day: read anew for every batch, others write it too.
  void set_day(std::int64_t day, Credits committed);

  /// What a record comes to. A refused Intent changes nothing.
  struct Booked {
    Receipt receipt;
    std::vector<Posting> postings;
    AttemptStanding standing;  ///< of the attempt it is about, afterwards
    /// The attempt is no longer in doubt, and its task no longer ended for that reason: it is outstanding
    /// again.
    bool doubt_is_over = false;
  };
  /// The record must be about an attempt the book knows (or be its Intent), in a state that may become what
  /// the record says: anything else is a bug, and stops the program.
  [[nodiscard]] Booked book(Record const& record);

  [[nodiscard]] Balance const& run() const { return run_; }
  [[nodiscard]] Credits group_committed(std::size_t group) const { return groups_[group]; }
  /// How the days' totals changed since the last call.
  [[nodiscard]] std::map<std::int64_t, Credits> take_day_changes();
  [[nodiscard]] Budget const& caps() const { return caps_; }

 private:
  struct TaskMoney {
    Credits committed;
    std::map<std::uint32_t, AttemptStanding> attempts;  ///< by ordinal
  };
  class Booking;

  [[nodiscard]] std::optional<Receipt> breach(Intent const& intent, std::int64_t day) const;
  void move(TaskMoney& task, AttemptStanding& attempt, Account from, Account to, Credits amount,
            std::string_view reason, Booked& out);
  AttemptStanding& standing_of(AttemptKey attempt);

  Budget caps_;
  Balance run_;
  std::vector<Credits> groups_;
  std::unordered_map<std::uint32_t, TaskMoney> tasks_;
  std::map<std::int64_t, Credits> days_;
  std::map<std::int64_t, Credits> day_changes_;
};

/// Why a task is not bought that another run has made, or has money out for.
[[nodiscard]] std::string waiting_for(RunId const& other);
/// The answer to an Intent for it.
[[nodiscard]] Receipt taken_elsewhere(RunId const& other);

std::string_view to_string(Account account);
std::optional<Account> parse_account(std::string_view text);

}  // namespace callsheet::ledger
