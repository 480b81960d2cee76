#include "orchestrator/engine/poll_plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace callsheet::engine {

namespace {

constexpr std::size_t step_count = 344;
constexpr double first_edge_us = 20'000;
constexpr double growth = 1.04;

/// What is believed before anything was seen weighs as much as this many tasks.
constexpr double prior_weight = 1.0;
/// Chance to end within one step (4 % of the age). Without an estimate: as likely in each step, so that reads
/// spread out as the task grows old.
constexpr double prior_hazard = 0.035;
constexpr double prior_hazard_far_from_estimate = 0.006;
constexpr double prior_hazard_beyond_estimate = 0.06;

constexpr double worth_nothing = 1e-4;  ///< survivors beyond are read at even spacing
constexpr int refinements_most = 8;
constexpr Duration trust_in_scouts = std::chrono::minutes{2};  ///< they may all be stuck
constexpr double near_enough = 0.03;                           ///< of the reads that may be spent

using Edges = std::array<double, step_count + 1>;

Edges const& edges_us() {
  static Edges const edges = [] {
    Edges all{};
    double edge = first_edge_us;
    for (std::size_t i = 1; i < all.size(); ++i) {
      all[i] = edge;
      edge *= growth;
    }
    return all;
  }();
  return edges;
}

}  // namespace

namespace poll_grid {

Duration edge(std::size_t i) {
  return Duration{static_cast<std::int64_t>(edges_us()[i])};
}

std::size_t steps() {
  return step_count;
}

std::size_t step_of(Duration age) {
  Edges const& edges = edges_us();
  auto const above = std::upper_bound(edges.begin(), edges.end(), static_cast<double>(age.count()));
  std::size_t const at = static_cast<std::size_t>(above - edges.begin());
  return std::clamp<std::size_t>(at, 1, step_count) - 1;
}

}  // namespace poll_grid

// ---- what is known

void DurationKnowledge::alive(Duration from, Duration to) {
  exposure_change_.resize(step_count + 1);
  ended_change_.resize(step_count + 1);
  std::size_t const first = poll_grid::step_of(from);
  std::size_t const last = poll_grid::step_of(to);
  exposure_change_[first] += 1;
  exposure_change_[last] -= 1;
  observations_ += 0.25;
}

void DurationKnowledge::ended(Duration from, Duration to) {
  exposure_change_.resize(step_count + 1);
  ended_change_.resize(step_count + 1);
  std::size_t const first = poll_grid::step_of(from);
  std::size_t const last = poll_grid::step_of(to);
  // Anywhere in between is as likely; on average it came half of the way.
  double const share = 1.0 / static_cast<double>(last - first + 1);
  ended_change_[first] += share;
  ended_change_[last + 1] -= share;
  exposure_change_[first] += 0.5 + share / 2;
  exposure_change_[last + 1] -= 0.5 + share / 2;
  observations_ += 1;
  ends_ += 1;
}

std::vector<double> DurationKnowledge::hazard(std::optional<Duration> estimate) const {
  std::vector<double> hazard(step_count);
  double exposure = 0;
  double ended = 0;
  for (std::size_t i = 0; i < step_count; ++i) {
    if (!exposure_change_.empty()) {
      exposure += exposure_change_[i];
      ended += ended_change_[i];
    }
    double prior = prior_hazard;
    if (estimate) {
      Duration const age = poll_grid::edge(i);
      if (age < *estimate / 8)
        prior = prior_hazard_far_from_estimate;
      else if (age > *estimate)
        prior = prior_hazard_beyond_estimate;
    }
    double const came = std::max(exposure, ended);
    hazard[i] = std::clamp(
        (std::max(ended, 0.0) + prior_weight * prior) / (std::max(came, 0.0) + prior_weight), 0.0, 0.98);
  }
  return hazard;
}

std::vector<DurationKnowledge::Step> DurationKnowledge::steps() const {
  std::vector<Step> known;
  double exposure = 0;
  double ended = 0;
  constexpr double least = 1e-3;
  for (std::size_t i = 0; i < step_count && !exposure_change_.empty(); ++i) {
    exposure += exposure_change_[i];
    ended += ended_change_[i];
    if (exposure > least || ended > least) known.push_back({static_cast<std::uint32_t>(i), exposure, ended});
  }
  return known;
}

void DurationKnowledge::restore(std::vector<Step> const& steps, double share) {
  exposure_change_.resize(step_count + 1);
  ended_change_.resize(step_count + 1);
  for (Step const& known : steps) {
    if (known.step >= step_count) continue;
    exposure_change_[known.step] += known.came_that_far * share;
    exposure_change_[known.step + 1] -= known.came_that_far * share;
    ended_change_[known.step] += known.ended * share;
    ended_change_[known.step + 1] -= known.ended * share;
    observations_ += known.ended * share;
    ends_ += known.ended * share;
  }
}

// ---- the plan

/// A distribution of durations on the grid, with the sums the search needs.
struct PollPlan::Curve {
  std::vector<double> survival;  ///< by edge
  std::vector<double> weight;    ///< by edge: sum of chance × middle of the step, of all steps before
  std::size_t end = 0;           ///< the edge beyond which too few survive to plan for
  double mean_us = 0;

  explicit Curve(std::vector<double> const& hazard) : survival(step_count + 1), weight(step_count + 1) {
    Edges const& edges = edges_us();
    survival[0] = 1;
    end = step_count;
    for (std::size_t i = 0; i < step_count; ++i) {
      double const ending = survival[i] * hazard[i];
      survival[i + 1] = survival[i] - ending;
      weight[i + 1] = weight[i] + ending * (edges[i] + edges[i + 1]) / 2;
      if (end == step_count && survival[i + 1] < worth_nothing) end = i + 1;
    }
    mean_us = weight[end];
  }
};

void PollPlan::estimate(std::chrono::seconds time) {
  if (!estimate_) estimate_ = time;
}

/// What the search remembers of each edge.
struct PollPlan::Workspace {
  explicit Workspace(std::size_t edges) : cost(edges), reads(edges), delay(edges) {}
  std::vector<double> cost, reads, delay;
};

/// Fills next_ backwards: from each edge, reading at the edge where cost of reads and expected delay together
/// are least. Everything is weighted by the chance to come that far.
void PollPlan::plan_with(Curve const& curve, double cost_of_read, Workspace& work) {
  Edges const& edges = edges_us();
  double const least = static_cast<double>(bounds_.least.count());
  double const most = static_cast<double>(bounds_.most.count());
  auto& [cost, reads, delay] = work;
  cost[curve.end] = reads[curve.end] = delay[curve.end] = 0;
  for (std::size_t i = curve.end; i-- > 0;) {
    double best = -1;
    std::size_t best_next = curve.end;
    // The expected delay has the Monge property, so the best next edge never moves back as the age grows: it
    // is looked for no farther than the one after. (Bounds on the spacing may disturb that by a step or two.)
    constexpr std::size_t slack = 2;
    std::size_t const farthest = i + 1 < curve.end ? std::min(curve.end, next_[i + 1] + slack) : curve.end;
    for (std::size_t j = i + 1; j <= farthest; ++j) {
      double const spacing = edges[j] - edges[i];
      if (spacing < least && j < farthest) continue;
      double const waited =
          edges[j] * (curve.survival[i] - curve.survival[j]) - (curve.weight[j] - curve.weight[i]);
      double const so_far = cost_of_read * curve.survival[i] + waited;
      if (best >= 0 && so_far >= best) break;  // waiting longer only costs more delay
      double const total = so_far + cost[j];
      if (best < 0 || total < best) {
        best = total;
        best_next = j;
      }
      if (spacing > most) break;
    }
    std::size_t const j = best_next;
    next_[i] = static_cast<std::uint16_t>(j);
    cost[i] = std::max(best, 0.0);
    reads[i] = curve.survival[i] + reads[j];
    delay[i] =
        edges[j] * (curve.survival[i] - curve.survival[j]) - (curve.weight[j] - curve.weight[i]) + delay[j];
  }
  outlook_ = {.reads = reads[0],
              .delay = Duration{static_cast<std::int64_t>(delay[0])},
              .duration = Duration{static_cast<std::int64_t>(curve.mean_us)}};
}

void PollPlan::renew(double reads_per_task) {
  Curve const curve{knowledge_.hazard(estimate_)};
  next_.assign(step_count, static_cast<std::uint16_t>(step_count));
  // The dearer a read, the fewer of them, about as the square root of its price: so the price at which the
  // plan spends what it may is found in a few steps.
  if (cost_of_read_ <= 0) cost_of_read_ = curve.mean_us / 50;
  Workspace work{step_count + 1};
  for (int i = 0; i < refinements_most; ++i) {
    plan_with(curve, cost_of_read_, work);
    double const ratio = outlook_.reads / reads_per_task;
    if (std::abs(ratio - 1) < near_enough) break;
    cost_of_read_ =
        std::clamp(cost_of_read_ * std::clamp(ratio * ratio, 0.05, 20.0), 1.0, curve.mean_us * 10);
  }
  planned_for_reads_ = reads_per_task;
  planned_with_ = knowledge_.observations();
}

PollPlan::Outlook PollPlan::outlook(double reads_per_task) {
  renew(reads_per_task);
  return outlook_;
}

/// Where nothing was seen yet: reads that spread out as the task grows old, each task's at other ages, so
/// that together they teach something of every age.
Duration PollPlan::wait_unknowing(Duration age, Random& random) const {
  Duration const base = age >= bounds_.least ? age : estimate_ ? *estimate_ / 8 : bounds_.least * 2;
  return Duration{random.between(base.count() * 3 / 10, base.count() * 9 / 10)};
}

bool PollPlan::leaves_it_to_scouts(Duration age) {
  constexpr int scouts_first = 4;
  constexpr int one_scout_in = 16;
  if (estimate_ || age >= bounds_.least) return false;
  return ++newcomers_ > scouts_first && newcomers_ % one_scout_in != 0;
}

Duration PollPlan::wait(Duration age, double reads_per_task, Random& random) {
  bool const blind = !knowledge_.any_ended() && (!estimate_ || knowledge_.observations() < 1);
  if (blind && leaves_it_to_scouts(age)) return std::min(bounds_.most, trust_in_scouts);
  Duration const wait = blind ? wait_unknowing(age, random) : planned_wait(age, reads_per_task);
  // A jitter, so that tasks submitted together are not read together.
  Duration const jittered{random.between(wait.count() * 97 / 100, wait.count() * 103 / 100)};
  return std::clamp(jittered, bounds_.least, std::max(bounds_.least, bounds_.most));
}

Duration PollPlan::planned_wait(Duration age, double reads_per_task) {
  double const known = knowledge_.observations();
  bool const learned = known >= planned_with_ + std::max(2.0, planned_with_ / 6);
  if (planned_with_ < 0 || learned || planned_for_reads_ != reads_per_task) renew(reads_per_task);
  std::size_t const step = poll_grid::step_of(age);
  std::size_t const next = next_[step];
  if (next >= step_count) return age / 8;
  return poll_grid::edge(next) - age;
}

}  // namespace callsheet::engine
