#include "orchestrator/engine/doubt_search.hpp"

#include <algorithm>

namespace callsheet::engine {

namespace {

/// The gateway gives whole seconds.
constexpr Duration rounding = std::chrono::seconds{1};

class Judgement {
 public:
  Judgement(Listed const& list, ListTrust const& trust, TimePoint asked)
      : list_{list}, trust_{trust}, asked_{asked} {}

  [[nodiscard]] DoubtVerdict of(Doubt const& doubt, std::vector<Doubt> const& doubts,
                                std::vector<Doubt> const& others) const {
    DoubtVerdict verdict{.attempt = doubt.attempt, .id = {}};
    if (!doubt.dated) return verdict;
    std::vector<Stranger const*> candidates;
    bool anything = false;
    for (Stranger const& stranger : list_.strangers) {
      // The gateway may answer under another model's name (gateway-api.md 5.1): for absence, any stranger
      // counts.
      anything = anything || in_time(doubt, stranger);
      if (may_be(doubt, stranger)) candidates.push_back(&stranger);
    }
    if (candidates.size() == 1 && owners(*candidates.front(), doubts, others) == 1) {
      verdict.kind = DoubtVerdict::Kind::is;
      verdict.id = candidates.front()->id;
    }
    bool const covered = list_.since + trust_.clock_skew + rounding <= doubt.sent &&
                         doubt.gave_up + trust_.listing_lag <= asked_;
    if (!anything && covered && trust_.worth == Listing::complete)
      verdict.kind = DoubtVerdict::Kind::not_taken;
    return verdict;
  }

 private:
  [[nodiscard]] bool in_time(Doubt const& doubt, Stranger const& stranger) const {
    return !doubt.dated || (stranger.created + rounding + trust_.clock_skew >= doubt.sent &&
                            stranger.created <= doubt.gave_up + trust_.clock_skew);
  }

  [[nodiscard]] bool may_be(Doubt const& doubt, Stranger const& stranger) const {
    return in_time(doubt, stranger) && stranger.model == doubt.model &&
           (!stranger.duration || *stranger.duration == doubt.duration);
  }

  [[nodiscard]] std::ptrdiff_t owners(Stranger const& stranger, std::vector<Doubt> const& doubts,
                                      std::vector<Doubt> const& others) const {
    auto const could = [&](Doubt const& one) { return may_be(one, stranger); };
    auto const other_run = [&](Rival const& one) {
      return one.model == stranger.model && stranger.created + rounding + trust_.clock_skew >= one.sent;
    };
    return std::count_if(doubts.begin(), doubts.end(), could) +
           std::count_if(others.begin(), others.end(), could) +
           std::count_if(list_.rivals.begin(), list_.rivals.end(), other_run);
  }

  Listed const& list_;
  ListTrust const& trust_;
  TimePoint asked_;
};

}  // namespace

std::vector<DoubtVerdict> judge(std::vector<Doubt> const& doubts, std::vector<Doubt> const& others,
                                Listed const& list, ListTrust const& trust, TimePoint asked) {
  Judgement const judgement{list, trust, asked};
  std::vector<DoubtVerdict> verdicts;
  verdicts.reserve(doubts.size());
  for (Doubt const& doubt : doubts) verdicts.push_back(judgement.of(doubt, doubts, others));
  return verdicts;
}

}  // namespace callsheet::engine
