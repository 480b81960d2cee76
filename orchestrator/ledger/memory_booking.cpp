#include "orchestrator/ledger/memory_booking.hpp"

#include "orchestrator/ledger/memory_attempts.hpp"
#include "orchestrator/ledger/memory_clips.hpp"

#include <string>
#include <variant>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

void reopen(TaskRecord& task) {
  if (task.outcome != TaskOutcome::in_doubt) return;
  task.outcome = TaskOutcome::outstanding;
  task.why.clear();
  task.ended.reset();
}

void remember(Book& book, StoredRun const& run, AttemptKey attempt) {
  for (auto it = run.attempts.lower_bound({attempt.task, 0});
       it != run.attempts.end() && it->first.task == attempt.task; ++it) {
    AttemptRecord const& record = it->second.record;
    if (!book.knows(it->first))
      book.restore(
          it->first,
          {.state = record.state, .balance = record.balance, .day = it->second.day, .groups = record.groups});
  }
}

}  // namespace

std::vector<Receipt> MemoryBooks::commit(StoredRun& run, std::vector<Record> const& records) {
  Book& book_of_run = book_of(run);
  for (Record const& record : records)
    if (auto const* intent = std::get_if<Intent>(&record))
      book_of_run.set_day(day_of(intent->at), disk_.days[{run.head.gateway, day_of(intent->at)}]);
  std::vector<Receipt> receipts;
  receipts.reserve(records.size());
  for (Record const& record : records) receipts.push_back(book(run, book_of_run, record));
  for (auto const& [day, change] : book_of_run.take_day_changes())
    disk_.days[{run.head.gateway, day}] += change;
  return receipts;
}

Receipt MemoryBooks::book(StoredRun& run, Book& book, Record const& record) {
  if (auto const refused = refusal(run, record)) return *refused;
  AttemptKey const* const attempt = attempt_of(record);
  if (attempt != nullptr) remember(book, run, *attempt);
  Book::Booked const booked = book.book(record);
  if (!booked.receipt.granted) return booked.receipt;
  apply(run, record, booked.standing);
  if (booked.doubt_is_over) reopen(run.tasks[index(attempt->task)]);
  for (Posting const& posting : booked.postings) {
    run.attempts.at(*attempt).last_entry = ++disk_.last_entry;
    run.entries.push_back({.at = time_of(record),
                           .attempt = *attempt,
                           .from = posting.from,
                           .to = posting.to,
                           .amount = posting.amount,
                           .reason = std::string{posting.reason}});
  }
  return booked.receipt;
}

std::optional<Receipt> MemoryBooks::refusal(StoredRun const& run, Record const& record) const {
  if (auto const* const intent = std::get_if<Intent>(&record))
    if (auto const other = find_taker(disk_, run, intent->attempt.task, intent->known_until))
      return taken_elsewhere(*other);
  if (auto const* const id = std::get_if<IdReceived>(&record);
      id != nullptr && id->source == IdSource::found &&
      read_known_ids(disk_, run.head.gateway, {id->id}).front())
    return Receipt{.granted = false, .why = fmt::format("another attempt has the task {}", id->id.str())};
  return std::nullopt;
}

Book& MemoryBooks::book_of(StoredRun const& run) {
  auto const [found, fresh] = books_.try_emplace(run.head.id, run.caps);
  if (fresh) {
    Balance sum;
    std::vector<Credits> groups(run.caps.groups.size());
    for (auto const& [key, attempt] : run.attempts) {
      sum += attempt.record.balance;
      for (std::uint16_t const group : attempt.record.groups)
        groups[group] += attempt.record.balance.committed();
    }
    found->second.restore(sum, groups);
  }
  return found->second;
}

}  // namespace callsheet::ledger
