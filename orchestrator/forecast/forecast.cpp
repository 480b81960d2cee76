#include "orchestrator/forecast/forecast.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <thread>

namespace callsheet::forecast {

namespace {

constexpr int trials_most = 100;
constexpr int trials_least = 10;
constexpr int tasks_simulated = 10'000;
constexpr int tasks_a_trial_costs = 50;  // whatever its size: the polls are planned anew in each

/// Every `stride`-th trial from `first` on, into its place.
void run_share(TrialGround const& ground, std::vector<Result<Trial>>& trials, std::size_t first,
               std::size_t stride) {
  for (std::size_t i = first; i < trials.size(); i += stride) trials[i] = run_trial(ground, i + 1);
}

}  // namespace

template <class Value>
Value quantile(std::vector<Value> values, double share) {
  auto const rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size()) - 1e-9));
  auto const at = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

template int quantile(std::vector<int>, double);
template Duration quantile(std::vector<Duration>, double);
template Credits quantile(std::vector<Credits>, double);

int trials_for(int tasks) {
  return std::clamp(tasks_simulated / (tasks_a_trial_costs + std::max(tasks, 0)), trials_least, trials_most);
}

Result<Forecast> forecast(TrialGround const& ground, int trials) {
  std::vector<Result<Trial>> results(static_cast<std::size_t>(trials));
  std::size_t const threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::exception_ptr> thrown(threads);
  {
    std::vector<std::thread> pool;
    for (std::size_t t = 0; t < threads; ++t)
      pool.emplace_back([&, t] {
        try {
          run_share(ground, results, t, threads);
        } catch (...) {
          thrown[t] = std::current_exception();  // told by main, like every bug
        }
      });
    for (std::thread& one : pool) one.join();
  }
  for (std::exception_ptr const& one : thrown)
    if (one) std::rethrow_exception(one);
  std::vector<Duration> took;
  std::vector<Credits> cost;
  std::vector<int> missing;
  int bound = 0;
  int doubted = 0;
  int late = 0;
  for (Result<Trial> const& trial : results) {
    if (!trial) return fail(trial.error());
    took.push_back(trial->took);
    cost.push_back(trial->money.committed());
    missing.push_back(ground.campaign.clips() - trial->made);
    bound += trial->cap_bound ? 1 : 0;
    doubted += trial->in_doubt > 0 ? 1 : 0;
    late += trial->late ? 1 : 0;
  }
  int const tasks = ground.campaign.clips();
  return Forecast{.trials = trials,
                  .tasks = tasks,
                  .finish = {quantile(took, 0.5), quantile(took, 0.95)},
                  .cost = {quantile(cost, 0.5), quantile(cost, 0.95)},
                  .clips = {tasks - quantile(missing, 0.5), tasks - quantile(missing, 0.95)},
                  .cap_binds = static_cast<double>(bound) / trials,
                  .late = static_cast<double>(late) / trials,
                  .some_doubt = static_cast<double>(doubted) / trials};
}

}  // namespace callsheet::forecast
