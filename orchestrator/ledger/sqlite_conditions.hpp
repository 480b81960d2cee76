#pragma once

#include <string>

// Private to ledger/: what the states of attempts and outcomes of tasks mean, as conditions of SQL. Each is
// told once; the names are of the tables, or what a statement calls them. To be put into a static text:
// statements are known by their address.
namespace callsheet::ledger {

/// "('made', 'mismatched')": the clip is in place, and was paid for in its run.
[[nodiscard]] std::string bought_outcomes();

/// "('submitting', 'running', 'in_doubt')": as is_open() has it.
[[nodiscard]] std::string open_states();

/// `task` has not ended: its row in `outcomes`, which there may not be, says nothing else.
[[nodiscard]] std::string is_outstanding(std::string const& outcomes);

/// Money is out on the task of `attempts`: the attempt is open, or billed and its clip not there.
[[nodiscard]] std::string has_money_out(std::string const& attempts, std::string const& outcomes);

/// Money is out on it, or its clip was made and that was booked after `position`.
[[nodiscard]] std::string is_taken_since(std::string const& attempts, std::string const& outcomes,
                                         std::string const& position);

/// Some attempt of the task of `row` is open.
[[nodiscard]] std::string has_open_attempt(std::string const& row);

/// The clip of the task of `row` is paid for, or may be.
[[nodiscard]] std::string is_bought(std::string const& row);

/// The tasks (run, task) that are, or stand for, the identity that is bound as ?1.
[[nodiscard]] std::string known_tasks();

}  // namespace callsheet::ledger
