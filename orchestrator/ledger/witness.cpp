#include "orchestrator/ledger/witness.hpp"

#include <map>
#include <unordered_map>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

/// What the gateway made of one attempt.
struct Witnessed {
  int tasks = 0, delivered = 0;
  Credits charged, reserved;
};

std::string money_breach(BookedAttempt const& attempt, Witnessed const& seen) {
  Credits const may_be_taken = seen.charged + seen.reserved;
  if (may_be_taken > attempt.balance.committed())
    return fmt::format(
        "the report adds up: the gateway takes up to {} credits for attempt {}, the ledger counts with {}",
        to_string(may_be_taken), to_string(attempt.key), to_string(attempt.balance.committed()));
  if (attempt.balance.billed > may_be_taken)
    return fmt::format("the report adds up: the ledger books {} credits for attempt {}, the gateway took {}",
                       to_string(attempt.balance.billed), to_string(attempt.key), to_string(may_be_taken));
  return {};
}

}  // namespace

Testimony compare(std::vector<BookedAttempt> const& booked, std::vector<WitnessLine> const& bill,
                  Credits cap) {
  Testimony testimony;
  auto const broken = [&](std::string what) { testimony.breaches.push_back(std::move(what)); };
  std::unordered_map<std::string, Witnessed> by_key;
  for (WitnessLine const& line : bill) {
    testimony.charged += line.charged;
    testimony.reserved += line.reserved;
    Witnessed& seen = by_key[line.idempotency_key];
    ++seen.tasks;
    seen.delivered += line.delivered ? 1 : 0;
    seen.charged += line.charged;
    seen.reserved += line.reserved;
  }
  if (Credits const taken = testimony.charged + testimony.reserved; taken > cap)
    broken(fmt::format("never above the cap: the gateway took {} credits, the cap is {}", to_string(taken),
                       to_string(cap)));
  std::map<TaskId, int> delivered;
  for (BookedAttempt const& attempt : booked) {
    auto const found = by_key.find(attempt.idempotency_key);
    Witnessed const seen = found == by_key.end() ? Witnessed{} : found->second;
    if (seen.tasks > 1)
      broken(
          fmt::format("never pay twice: attempt {} was made {} times", to_string(attempt.key), seen.tasks));
    if (std::string breach = money_breach(attempt, seen); !breach.empty()) broken(std::move(breach));
    delivered[attempt.key.task] += seen.delivered;
    if (found != by_key.end()) by_key.erase(found);
  }
  for (auto const& [task, times] : delivered)
    if (times > 1)
      broken(fmt::format("never pay twice: clip {} of the campaign was made and charged {} times",
                         index(task) + 1, times));
  if (!by_key.empty())
    broken(fmt::format("nothing paid is lost: the gateway made {} tasks that the ledger does not know",
                       by_key.size()));
  return testimony;
}

}  // namespace callsheet::ledger
