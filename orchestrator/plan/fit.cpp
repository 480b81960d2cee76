#include "orchestrator/plan/fit.hpp"

#include "orchestrator/plan/fit_exact.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

namespace callsheet::plan {

namespace {

using Options = std::vector<std::optional<std::uint8_t>>;

constexpr Credits no_limit = Credits::from_units(std::numeric_limits<std::int64_t>::max() / 4);

/// What can still be spent.
class Purse {
 public:
  explicit Purse(FitBudget const& budget) : cap_{budget.cap}, groups_{budget.groups} {}

  [[nodiscard]] Credits left() const { return cap_; }
  [[nodiscard]] Credits left(GroupSet const& groups) const {
    Credits least = no_limit;
    for (std::uint16_t const group : groups) least = std::min(least, groups_[group]);
    return least;
  }
  [[nodiscard]] bool has(Credits amount, GroupSet const& groups) const {
    return amount <= cap_ && amount <= left(groups);
  }
  void take(Credits amount, GroupSet const& groups) {
    cap_ -= amount;
    for (std::uint16_t const group : groups) groups_[group] -= amount;
  }

 private:
  Credits cap_;
  std::vector<Credits> groups_;
};

/// From one option of a task to a dearer one that is worth more.
struct Raise {
  std::uint32_t task = 0;
  std::uint8_t option = 0;
  Credits cost;            ///< more than before
  std::int64_t worth = 0;  ///< more than before
};

/// More worth per credit first. As products: exact. A cost of nothing comes first.
bool is_better(Raise const& a, Raise const& b) {
  using Wide = long double;  // 64 bits of mantissa: far finer than any two ratios that matter
  return static_cast<Wide>(a.worth) * static_cast<Wide>(b.cost.units()) >
         static_cast<Wide>(b.worth) * static_cast<Wide>(a.cost.units());
}

/// The raises of a task from nothing, each worth less per credit than the one before: what lies below the
/// line between two others is never worth its place.
std::vector<Raise> raises_of(std::uint32_t task, std::vector<FitOption> const& options) {
  std::vector<std::uint8_t> order(options.size());
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return options[a].cost < options[b].cost; });
  std::vector<Raise> hull;
  for (std::uint8_t const option : order) {
    Raise raise{.task = task, .option = option, .cost = options[option].cost, .worth = options[option].worth};
    for (Raise const& one : hull) {
      raise.cost -= one.cost;
      raise.worth -= one.worth;
    }
    if (raise.worth <= 0) continue;
    while (!hull.empty() && is_better(raise, hull.back())) {
      raise.cost += hull.back().cost;
      raise.worth += hull.back().worth;
      hull.pop_back();
    }
    hull.push_back(raise);
  }
  return hull;
}

class Fitting {
 public:
  Fitting(std::vector<FitTask> const& tasks, FitBudget const& budget)
      : tasks_{tasks}, budget_{budget}, purse_{budget} {
    out_.options.resize(tasks.size());
  }

  Fitted run() {
    std::map<int, std::vector<std::uint32_t>, std::greater<>> classes;
    for (std::uint32_t i = 0; i < tasks_.size(); ++i) {
      FitTask const& task = tasks_[i];
      if (task.cover) covered_.resize(std::max<std::size_t>(covered_.size(), *task.cover + 1));
      if (!task.made) {
        classes[task.priority].push_back(i);
        continue;
      }
      out_.options[i] = 0;
      if (task.cover) ++covered_[*task.cover];
    }
    for (auto const& [priority, members] : classes) choose(priority, members);
    for (std::size_t const count : covered_) out_.groups_short += count < budget_.coverage_least ? 1 : 0;
    return std::move(out_);
  }

 private:
  void choose(int priority, std::vector<std::uint32_t> const& members) {
    FitClass outcome{.priority = priority, .tasks = members.size()};
    std::vector<Raise> raises;
    for (std::uint32_t const task : members)
      for (Raise const& raise : raises_of(task, tasks_[task].options)) raises.push_back(raise);
    std::stable_sort(raises.begin(), raises.end(), is_better);
    outcome.bound = bound(raises);
    Options chosen(tasks_.size());
    if (all_fit(members)) {
      for (std::uint32_t const task : members) chosen[task] = 0;
      outcome.proven = true;
    } else if (auto const exact = exactly(members)) {
      chosen = *exact;
      outcome.proven = true;
    } else {
      chosen = by_worth_per_credit(members, raises);
    }
    for (std::uint32_t const task : members) {
      if (!chosen[task]) continue;
      FitOption const& option = tasks_[task].options[*chosen[task]];
      purse_.take(option.cost, tasks_[task].groups);
      out_.cost += option.cost;
      out_.options[task] = chosen[task];
      outcome.worth += option.worth;
      ++outcome.chosen;
      if (tasks_[task].cover) ++covered_[*tasks_[task].cover];
    }
    out_.classes.push_back(outcome);
  }

  [[nodiscard]] bool all_fit(std::vector<std::uint32_t> const& members) const {
    Purse purse = purse_;
    return std::all_of(members.begin(), members.end(), [&](std::uint32_t task) {
      Credits const cost = tasks_[task].options.front().cost;
      bool const fits = purse.has(cost, tasks_[task].groups);
      if (fits) purse.take(cost, tasks_[task].groups);
      return fits;
    });
  }

  /// What the budget would buy if a part of a clip could be bought.
  [[nodiscard]] std::int64_t bound(std::vector<Raise> const& raises) const {
    Credits left = purse_.left();
    std::int64_t worth = 0;
    for (Raise const& raise : raises) {
      if (raise.cost > left)
        return worth + static_cast<std::int64_t>(static_cast<long double>(raise.worth) *
                                                 static_cast<long double>(left.units()) /
                                                 static_cast<long double>(raise.cost.units()));
      left -= raise.cost;
      worth += raise.worth;
    }
    return worth;
  }

  [[nodiscard]] std::size_t needed_by(std::optional<std::uint32_t> cover) const {
    if (!cover) return 0;
    return budget_.coverage_least - std::min(budget_.coverage_least, covered_[*cover]);
  }

  [[nodiscard]] std::optional<Options> exactly(std::vector<std::uint32_t> const& members) const {
    // Parts must have no group cap in common: then only the cap itself ties them together.
    struct Ties {
      std::vector<std::uint16_t> groups;
      std::optional<std::uint32_t> cover;
      auto operator<=>(Ties const&) const = default;
    };
    std::map<Ties, FitPart> parts;
    for (std::uint32_t const task : members) {
      Ties ties{.groups = {tasks_[task].groups.begin(), tasks_[task].groups.end()}, .cover = {}};
      if (needed_by(tasks_[task].cover) > 0) ties.cover = tasks_[task].cover;
      FitPart& part = parts[ties];
      part.tasks.push_back(task);
      part.cap = purse_.left(tasks_[task].groups);
      part.needed = needed_by(ties.cover);
    }
    std::vector<bool> group_seen(budget_.groups.size());
    std::vector<bool> cover_seen(covered_.size());
    std::vector<FitPart> list;
    for (auto& [ties, part] : parts) {
      for (std::uint16_t const group : ties.groups) {
        if (group_seen[group]) return std::nullopt;
        group_seen[group] = true;
      }
      if (ties.cover) {
        if (cover_seen[*ties.cover]) return std::nullopt;
        cover_seen[*ties.cover] = true;
      }
      list.push_back(std::move(part));
    }
    return fit_exactly(tasks_, list, purse_.left());
  }

  /// Coverage first, at the least cost; then raise by raise.
  [[nodiscard]] Options by_worth_per_credit(std::vector<std::uint32_t> const& members,
                                            std::vector<Raise> const& raises) const {
    Options chosen(tasks_.size());
    Purse purse = purse_;
    cover(members, purse, chosen);
    std::vector<bool> stuck(tasks_.size());
    for (Raise const& raise : raises) {
      auto& now = chosen[raise.task];
      FitTask const& task = tasks_[raise.task];
      FitOption const before = now ? task.options[*now] : FitOption{};
      FitOption const& after = task.options[raise.option];
      if (stuck[raise.task] || after.worth <= before.worth) continue;
      // A raise that does not fit keeps the dearer ones of that task out, too.
      stuck[raise.task] = !purse.has(after.cost - before.cost, task.groups);
      if (stuck[raise.task]) continue;
      purse.take(after.cost - before.cost, task.groups);
      now = raise.option;
    }
    spend_the_rest(members, purse, chosen);
    return chosen;
  }

  /// The cheapest clips of each group that is short, the groups that take least first: so most are covered.
  void cover(std::vector<std::uint32_t> const& members, Purse& purse, Options& chosen) const {
    std::map<std::uint32_t, std::vector<std::uint32_t>> by_group;
    for (std::uint32_t const task : members)
      if (needed_by(tasks_[task].cover) > 0) by_group[*tasks_[task].cover].push_back(task);
    struct Cheapest {
      Credits cost;
      std::vector<std::pair<std::uint32_t, std::uint8_t>> picks;
    };
    std::vector<Cheapest> groups;
    for (auto& [group, tasks] : by_group) {
      std::size_t const needed = needed_by(group);
      if (tasks.size() < needed) continue;
      std::vector<std::pair<std::uint32_t, std::uint8_t>> picks;
      for (std::uint32_t const task : tasks) picks.emplace_back(task, cheapest_option(task));
      std::stable_sort(picks.begin(), picks.end(),
                       [&](auto const& a, auto const& b) { return cost_of(a) < cost_of(b); });
      picks.resize(needed);
      Cheapest one;
      for (auto const& pick : picks) one.cost += cost_of(pick);
      one.picks = std::move(picks);
      groups.push_back(std::move(one));
    }
    std::stable_sort(groups.begin(), groups.end(),
                     [](Cheapest const& a, Cheapest const& b) { return a.cost < b.cost; });
    for (Cheapest const& group : groups) {
      Purse after = purse;
      bool const fits = std::all_of(group.picks.begin(), group.picks.end(), [&](auto const& pick) {
        bool const has = after.has(cost_of(pick), tasks_[pick.first].groups);
        if (has) after.take(cost_of(pick), tasks_[pick.first].groups);
        return has;
      });
      if (!fits) continue;
      purse = after;
      for (auto const& [task, option] : group.picks) chosen[task] = option;
    }
  }

  /// Whatever still makes something better, the best for its price first, until nothing does.
  void spend_the_rest(std::vector<std::uint32_t> const& members, Purse& purse, Options& chosen) const {
    constexpr int rounds_most = 4;
    for (int round = 0; round < rounds_most; ++round) {
      std::vector<Raise> raises;
      for (std::uint32_t const task : members) {
        FitOption const before = chosen[task] ? tasks_[task].options[*chosen[task]] : FitOption{};
        auto const& options = tasks_[task].options;
        for (std::size_t option = 0; option < options.size(); ++option)
          if (options[option].worth > before.worth && options[option].cost - before.cost <= purse.left())
            raises.push_back({.task = task,
                              .option = static_cast<std::uint8_t>(option),
                              .cost = options[option].cost - before.cost,
                              .worth = options[option].worth - before.worth});
      }
      std::stable_sort(raises.begin(), raises.end(), is_better);
      std::vector<bool> raised(tasks_.size());
      bool any = false;
      for (Raise const& raise : raises) {
        if (raised[raise.task] || !purse.has(raise.cost, tasks_[raise.task].groups)) continue;
        purse.take(raise.cost, tasks_[raise.task].groups);
        chosen[raise.task] = raise.option;
        raised[raise.task] = any = true;
      }
      if (!any) return;
    }
  }

  [[nodiscard]] std::uint8_t cheapest_option(std::uint32_t task) const {
    auto const& options = tasks_[task].options;
    auto const least = std::min_element(options.begin(), options.end(),
                                        [](auto const& a, auto const& b) { return a.cost < b.cost; });
    return static_cast<std::uint8_t>(least - options.begin());
  }
  [[nodiscard]] Credits cost_of(std::pair<std::uint32_t, std::uint8_t> const& pick) const {
    return tasks_[pick.first].options[pick.second].cost;
  }

  std::vector<FitTask> const& tasks_;
  FitBudget const& budget_;
  Purse purse_;
  std::vector<std::size_t> covered_;  ///< clips of each coverage group
  Fitted out_;
};

}  // namespace

Fitted fit(std::vector<FitTask> const& tasks, FitBudget const& budget) {
  return Fitting{tasks, budget}.run();
}

}  // namespace callsheet::plan
