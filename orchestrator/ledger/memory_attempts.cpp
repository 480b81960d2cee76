#include "orchestrator/ledger/memory_attempts.hpp"

#include "orchestrator/core/attempt.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>

namespace callsheet::ledger {

std::vector<bool> read_known_ids(MemoryDisk const& disk, std::string const& gateway,
                                 std::vector<GatewayTaskId> const& ids) {
  std::vector<bool> known(ids.size());
  for (auto const& run : disk.runs)
    if (run->head.gateway == gateway)
      for (auto const& [key, attempt] : run->attempts)
        for (std::size_t i = 0; i < ids.size(); ++i)
          known[i] = known[i] || (!ids[i].empty() && ids[i] == attempt.record.task_id);
  return known;
}

std::vector<Undecided> read_undecided(MemoryDisk const& disk, std::string const& gateway,
                                      RunId const& except) {
  std::vector<Undecided> undecided;
  for (auto const& run : disk.runs)
    if (run->head.gateway == gateway && run->head.id != except)
      for (auto const& [key, attempt] : run->attempts)
        if (attempt.record.state == AttemptState::submitting ||
            attempt.record.state == AttemptState::in_doubt)
          undecided.push_back({attempt.record.model, attempt.record.submitted});
  return undecided;
}

std::vector<std::pair<ModelId, TimePoint>> read_creates_since(MemoryDisk const& disk,
                                                              std::string const& gateway, TimePoint since,
                                                              TimePoint now) {
  std::vector<std::pair<ModelId, TimePoint>> creates;
  for (auto const& run : disk.runs)
    if (run->head.gateway == gateway)
      for (auto const& [key, attempt] : run->attempts) {
        AttemptRecord const& record = attempt.record;
        TimePoint const left_by = std::min(now, record.accepted.value_or(record.ended.value_or(now)));
        if (left_by >= since && record.submitted <= now) creates.emplace_back(record.model, left_by);
      }
  std::stable_sort(creates.begin(), creates.end(),
                   [](auto const& a, auto const& b) { return a.second < b.second; });
  return creates;
}

std::vector<AttemptTally> read_attempt_tallies(MemoryDisk const& disk, std::string const& gateway,
                                               TimePoint since) {
  std::map<std::tuple<ModelId, std::string_view, std::string_view>, AttemptTally> tallies;
  for (auto const& run : disk.runs)
    if (run->head.gateway == gateway)
      for (auto const& [key, attempt] : run->attempts) {
        AttemptRecord const& record = attempt.record;
        bool const under_way =
            record.state == AttemptState::submitting || record.state == AttemptState::running;
        if (record.submitted < since || under_way) continue;
        std::optional<FailureKind> const kind =
            record.failure ? std::optional{record.failure->kind} : std::nullopt;
        AttemptTally& tally =
            tallies[{record.model, to_string(record.state), kind ? to_string(*kind) : std::string_view{}}];
        tally.model = record.model;
        tally.state = record.state;
        tally.failure = kind;
        ++tally.attempts;
        if (record.balance.billed > Credits{}) ++tally.billed;
      }
  std::vector<AttemptTally> sorted;
  sorted.reserve(tallies.size());
  for (auto const& [key, tally] : tallies) sorted.push_back(tally);
  return sorted;
}

}  // namespace callsheet::ledger
