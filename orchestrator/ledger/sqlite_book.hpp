#pragma once

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/record.hpp"
#include "orchestrator/ledger/sqlite_runs.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <optional>
#include <vector>

// Private to ledger/: booking.
namespace callsheet::ledger {

/// The book of one run beside its rows: books records, and writes down what they come to. Within the caller's
/// transaction. After a failed transaction it must be thrown away: the rows went back, the book did not.
class SqliteBook {
 public:
  SqliteBook(SqliteStore& store, RunRow row);

  /// Reads anew what other processes may have written since.
  void begin_batch(std::vector<Record> const& records);
  Receipt book(Record const& record);
  /// Writes the balances that the batch has changed.
  void end_batch();

 private:
  /// Why it cannot be booked, whatever the balances say.
  [[nodiscard]] std::optional<Receipt> refusal(Record const& record);
  void remember(AttemptKey attempt);
  /// Whatever is needed to book the record.
  void remember_for(Record const& record);

  SqliteStore& store_;
  RunRow row_;
  Book book_;
};

}  // namespace callsheet::ledger
