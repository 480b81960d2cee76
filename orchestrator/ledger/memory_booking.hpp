#pragma once

#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/memory_disk.hpp"
#include "orchestrator/ledger/record.hpp"

#include <map>
#include <optional>
#include <vector>

// Private to ledger/: booking.
namespace callsheet::ledger {

/// The books of one process beside the rows: books records, and changes the rows to what they come to.
class MemoryBooks {
 public:
  explicit MemoryBooks(MemoryDisk& disk) : disk_{disk} {}

  /// One receipt a record.
  [[nodiscard]] std::vector<Receipt> commit(StoredRun& run, std::vector<Record> const& records);

 private:
  Book& book_of(StoredRun const& run);
  [[nodiscard]] Receipt book(StoredRun& run, Book& book, Record const& record);
  /// Why it cannot be booked, whatever the balances say.
  [[nodiscard]] std::optional<Receipt> refusal(StoredRun const& run, Record const& record) const;

  MemoryDisk& disk_;
  std::map<RunId, Book> books_;
};

}  // namespace callsheet::ledger
