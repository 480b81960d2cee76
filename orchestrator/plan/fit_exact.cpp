#include "orchestrator/plan/fit_exact.hpp"

#include <algorithm>

namespace callsheet::plan {

namespace {

/// Choices are built up task by task. Of two that cover as much, the one that costs less and is worth more
/// makes the other needless, whatever follows; what is left is usually few.
constexpr std::size_t choices_most = 1'000'000;
constexpr std::uint32_t nothing = UINT32_MAX;

struct Choice {
  Credits cost;
  std::int64_t worth = 0;
  std::uint32_t covered =
      0;  ///< within a part: clips chosen, at most as many as it needs; else parts covered
  std::uint32_t last = nothing;  ///< into the log
};

/// How a choice came about: one step after another, back to front. A step adds an option of a task, or joins
/// the steps of a part's choice to those of the parts before it.
struct Step {
  std::uint32_t before = nothing;
  std::uint32_t task = nothing;  ///< nothing: `option` is the last step of a part's choice
  std::uint32_t option = 0;
};

bool is_cheaper(Choice const& a, Choice const& b) {
  if (a.cost != b.cost) return a.cost < b.cost;
  if (a.covered != b.covered) return a.covered > b.covered;
  return a.worth > b.worth;
}

/// Leaves those that no other makes needless.
void keep_useful(std::vector<Choice>& choices, std::size_t covered_most) {
  std::stable_sort(choices.begin(), choices.end(), is_cheaper);
  // The most worth so far among cheaper choices that cover at least so much.
  std::vector<std::int64_t> best(covered_most + 1, -1);
  std::size_t kept = 0;
  for (Choice const& one : choices) {
    if (best[one.covered] >= one.worth) continue;
    for (std::size_t covered = 0; covered <= one.covered; ++covered)
      best[covered] = std::max(best[covered], one.worth);
    choices[kept++] = one;
  }
  choices.resize(kept);
}

class Search {
 public:
  Search(std::vector<FitTask> const& tasks, Credits cap) : tasks_{tasks}, cap_{cap} {}

  /// False: too many choices.
  bool add(FitPart const& part) {
    std::vector<Choice> inside{Choice{}};
    for (std::uint32_t const task : part.tasks)
      if (!add(task, part, inside)) return false;
    if (part.needed > 0) {
      ++parts_to_cover_;
      for (Choice& one : inside) one.covered = one.covered >= part.needed ? 1 : 0;
      keep_useful(inside, 1);
    }
    std::vector<Choice> joined;
    for (Choice const& before : choices_)
      for (Choice const& one : inside) {
        if (before.cost + one.cost > cap_) break;  // `inside` is by cost
        if (!note({.before = before.last, .task = nothing, .option = one.last})) return false;
        joined.push_back({.cost = before.cost + one.cost,
                          .worth = before.worth + one.worth,
                          .covered = before.covered + one.covered,
                          .last = latest()});
      }
    keep_useful(joined, parts_to_cover_);
    choices_ = std::move(joined);
    return true;
  }

  [[nodiscard]] std::vector<std::optional<std::uint8_t>> best() const {
    auto const best =
        std::max_element(choices_.begin(), choices_.end(), [](Choice const& a, Choice const& b) {
          if (a.covered != b.covered) return a.covered < b.covered;
          if (a.worth != b.worth) return a.worth < b.worth;
          return a.cost > b.cost;
        });
    std::vector<std::optional<std::uint8_t>> options(tasks_.size());
    for (std::uint32_t join = best->last; join != nothing; join = log_[join].before)
      for (std::uint32_t step = log_[join].option; step != nothing; step = log_[step].before)
        options[log_[step].task] = static_cast<std::uint8_t>(log_[step].option);
    return options;
  }

 private:
  bool add(std::uint32_t task, FitPart const& part, std::vector<Choice>& choices) {
    std::vector<Choice> more = choices;
    auto const& options = tasks_[task].options;
    for (std::uint32_t option = 0; option < options.size(); ++option)
      for (Choice const& before : choices) {
        Credits const cost = before.cost + options[option].cost;
        if (cost > cap_ || cost > part.cap) break;
        if (!note({.before = before.last, .task = task, .option = option})) return false;
        more.push_back({.cost = cost,
                        .worth = before.worth + options[option].worth,
                        .covered = std::min(before.covered + 1, static_cast<std::uint32_t>(part.needed)),
                        .last = latest()});
      }
    keep_useful(more, part.needed);
    choices = std::move(more);
    return true;
  }

  bool note(Step step) {
    log_.push_back(step);
    return log_.size() < choices_most;
  }
  [[nodiscard]] std::uint32_t latest() const { return static_cast<std::uint32_t>(log_.size() - 1); }

  std::vector<FitTask> const& tasks_;
  Credits cap_;
  std::vector<Choice> choices_{Choice{}};
  std::vector<Step> log_;
  std::size_t parts_to_cover_ = 0;
};

}  // namespace

std::optional<std::vector<std::optional<std::uint8_t>>> fit_exactly(std::vector<FitTask> const& tasks,
                                                                    std::vector<FitPart> const& parts,
                                                                    Credits cap) {
  Search search{tasks, cap};
  for (FitPart const& part : parts)
    if (!search.add(part)) return std::nullopt;
  return search.best();
}

}  // namespace callsheet::plan
