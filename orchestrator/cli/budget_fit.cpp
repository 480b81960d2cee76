#include "orchestrator/cli/budget_fit.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

/// The qualities a task can be made at, best first, each with what it takes and is worth.
struct Rungs {
  std::vector<Quality> qualities;
  std::vector<plan::FitOption> options;
};

/// `step_down` in 1/10,000.
Rungs rungs_of(plan::PlannedTask const& task, std::int64_t step_down) {
  constexpr std::int64_t whole = 10'000;
  Rungs rungs;
  std::int64_t worth = task.value * 100;  // finer, so that steps down stay apart
  for (Quality const quality : task.ladder) {
    auto const& candidates = task.route->candidates;
    auto const first = std::find_if(candidates.begin(), candidates.end(),
                                    [&](plan::Candidate const& one) { return one.quality == quality; });
    if (first != candidates.end()) {
      rungs.qualities.push_back(quality);
      rungs.options.push_back({.cost = first->most, .worth = std::max(worth, std::int64_t{1})});
    }
    worth = worth * step_down / whole;
  }
  return rungs;
}

/// What the choice is made from.
struct Field {
  std::vector<plan::FitTask> tasks;
  std::vector<std::vector<Quality>> qualities;   ///< by task and option
  std::map<TaskIdentity, std::size_t> elements;  ///< tasks that make one
  /// Tasks, and those that make the elements they show.
  std::vector<std::pair<std::size_t, std::size_t>> shows;
};

/// What no clip shows that is made does not have to be made, either.
void leave_out_unneeded(Field const& field, plan::Fitted& fitted) {
  std::set<std::size_t> needed;
  for (auto const& [clip, element] : field.shows)
    if (fitted.options[clip]) needed.insert(element);
  for (auto const& [identity, element] : field.elements) {
    if (needed.contains(element) || field.tasks[element].made || !fitted.options[element]) continue;
    plan::FitOption const& option = field.tasks[element].options[*fitted.options[element]];
    fitted.options[element].reset();
    fitted.cost -= option.cost;
    for (plan::FitClass& one : fitted.classes)
      if (one.priority == plan::element_priority) --one.chosen;
  }
}

class Survey {
 public:
  Survey(Script const& script, ledger::Ledger* ledger, std::string const& gateway, Reusing const& reusing)
      : rule_{script.campaigns.front().fit}, ledger_{ledger}, gateway_{gateway}, reusing_{reusing} {
    if (rule_.cover) axis_ = script.campaigns.front().matrix.axes[*rule_.cover].name;
  }

  void take(plan::PlannedTask const& task) {
    std::size_t const number = field_.tasks.size();
    if (plan::is_element(task)) field_.elements.emplace(task.identity, number);
    for (Element const& element : task.request.elements)
      if (auto const own = field_.elements.find(element.made_by); own != field_.elements.end())
        field_.shows.emplace_back(number, own->second);
    Rungs rungs = rungs_of(task, rule_.step_down);
    field_.qualities.push_back(std::move(rungs.qualities));
    field_.tasks.push_back({.priority = task.priority,
                            .options = std::move(rungs.options),
                            .groups = task.groups,
                            .cover = cover_of(task),
                            .made = false});
    page_.push_back(task.identity);
    if (page_.size() == ledger::task_page) look_up();
  }

  Result<Field> finish() {
    look_up();
    if (!outcome_) return fail(outcome_.error());
    return std::move(field_);
  }

 private:
  std::optional<std::uint32_t> cover_of(plan::PlannedTask const& task) {
    if (axis_.empty()) return std::nullopt;
    auto const label = std::find_if(task.labels.begin(), task.labels.end(),
                                    [&](plan::Label const& one) { return one.first == axis_; });
    if (label == task.labels.end()) return std::nullopt;
    return covers_.try_emplace(label->second, static_cast<std::uint32_t>(covers_.size())).first->second;
  }

  void look_up() {
    std::vector<TaskIdentity> const page = std::exchange(page_, {});
    if (ledger_ == nullptr || page.empty() || !outcome_) return;
    auto const reuse = find_reuse(*ledger_, gateway_, page, reusing_);
    if (!reuse) {
      outcome_ = fail(reuse.error());
      return;
    }
    std::size_t const first = field_.tasks.size() - page.size();
    for (std::size_t i = 0; i < page.size(); ++i) {
      Known const known = (*reuse)[i].known;
      field_.tasks[first + i].made = known == Known::made || known == Known::outstanding;
    }
  }

  manifest::FitRule const& rule_;
  ledger::Ledger* ledger_;
  std::string const& gateway_;
  Reusing reusing_;
  std::string axis_;
  std::unordered_map<std::string, std::uint32_t> covers_;
  std::vector<TaskIdentity> page_;
  Field field_;
  Result<void> outcome_;
};

/// Routes that begin further down, each made once.
class LoweredRoutes {
 public:
  struct Numbered {
    std::shared_ptr<plan::Route const> route;
    std::size_t number = 0;
  };

  Numbered const& lower(std::shared_ptr<plan::Route const> const& route, std::size_t number,
                        std::optional<Quality> to) {
    Quality const best = route->candidates.front().quality;
    auto const [found, fresh] =
        known_.try_emplace({number, to.value_or(best)}, Numbered{.route = route, .number = known_.size()});
    if (fresh && to && *to != best) {
      plan::Route lowered = *route;
      auto const first = std::find_if(lowered.candidates.begin(), lowered.candidates.end(),
                                      [&](plan::Candidate const& one) { return one.quality == *to; });
      // None left: a picture changed meanwhile, which the digest of the tasks tells.
      if (first != lowered.candidates.end()) lowered.candidates.erase(lowered.candidates.begin(), first);
      found->second.route = std::make_shared<plan::Route const>(std::move(lowered));
    }
    return found->second;
  }

 private:
  std::map<std::pair<std::size_t, Quality>, Numbered> known_;
};

std::string question_of(Field const& field, std::size_t coverage_least) {
  Sha256 digest;
  digest.add(fmt::format("{}\n", coverage_least));
  for (plan::FitTask const& task : field.tasks) {
    digest.add(fmt::format("{} {}", task.priority, task.cover ? static_cast<std::int64_t>(*task.cover) : -1));
    for (plan::FitOption const& option : task.options)
      digest.add(fmt::format(" {}:{}", option.cost.units(), option.worth));
    digest.add("\n");
  }
  return digest.hex();
}

double percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 100.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

tl::expected<BudgetFit, ExitCode> BudgetFit::choose(Script const& script, ledger::Ledger* ledger,
                                                    std::string const& gateway, Reusing const& reusing,
                                                    Credits cap, TimePoint now) {
  BudgetFit fit;
  fit.cap_ = cap;
  if (auto const daily = script.campaigns.front().budget.daily; daily && ledger != nullptr) {
    auto const today = ledger->committed_on_day(gateway, now);
    if (!today) return tl::unexpected{refuse(today.error())};
    Credits const left = std::max(*daily - *today, Credits{});
    fit.by_day_ = left < cap;
    fit.cap_ = std::min(cap, left);
  }
  Survey survey{script, ledger, gateway, reusing};
  auto const terms =
      cli::plan_script(script, [&](plan::PlannedTask&& task, std::size_t /*route*/) { survey.take(task); });
  if (!terms) return tl::unexpected{terms.error()};
  auto const field = survey.finish();
  if (!field) return tl::unexpected{refuse(field.error())};
  std::vector<Credits> groups;
  for (GroupCap const& group : terms->budget.groups) groups.push_back(group.cap);
  manifest::FitRule const& rule = script.campaigns.front().fit;
  std::size_t const coverage_least = rule.cover ? static_cast<std::size_t>(rule.at_least) : 0;
  fit.bound_is_freer_ = rule.cover.has_value() || !groups.empty();
  fit.question_ = question_of(*field, coverage_least);
  fit.fitted_ = plan::fit(field->tasks,
                          {.cap = fit.cap_, .groups = std::move(groups), .coverage_least = coverage_least});
  leave_out_unneeded(*field, fit.fitted_);
  fit.has_elements_ = !field->elements.empty();
  for (std::size_t i = 0; i < field->tasks.size(); ++i) {
    auto const& option = fit.fitted_.options[i];
    fit.qualities_.push_back(option ? std::optional{field->qualities[i][*option]} : std::nullopt);
    if (option && *option > 0) ++fit.lowered_;
  }
  return fit;
}

tl::expected<plan::PlanTerms, ExitCode> BudgetFit::plan(Script const& script,
                                                        plan::TaskSink const& sink) const {
  LoweredRoutes routes;
  Sha256 digest;
  std::size_t at = 0;
  auto terms = cli::plan_script(script, [&](plan::PlannedTask&& task, std::size_t route) {
    // More tasks than were looked at: the campaign was changed meanwhile, which the digest of the tasks
    // tells.
    std::optional<Quality> const quality = at < qualities_.size() ? qualities_[at] : std::nullopt;
    ++at;
    auto const& lowered = routes.lower(task.route, route, quality);
    task.route = lowered.route;
    task.over_budget = !quality;
    digest.add(quality ? to_string(*quality) : "-");
    digest.add(" ");
    sink(std::move(task), lowered.number);
  });
  if (terms) {
    terms->fit_digest = digest.hex();
    terms->fit_question = question_;
  }
  return terms;
}

/// Where coverage or caps of groups bind, the bound is of a freer choice.
std::string BudgetFit::how_good(plan::FitClass const& one) const {
  // Elements are chosen first, all of them, at the most they can come to.
  if (one.proven && one.chosen == one.tasks) return "all";
  if (one.proven) return has_elements_ ? "the best choice beside all elements" : "the best choice there is";
  double const share = percent(one.worth, one.bound);
  return bound_is_freer_
             ? fmt::format("worth {:.1f} % of the most without coverage and caps of groups", share)
             : fmt::format("worth at least {:.1f} % of the best", share);
}

std::string BudgetFit::text() const {
  std::string text = fmt::format("\nfitted to {} credits{}: {} are taken", to_string(cap_),
                                 by_day_ ? " that the day has left" : "", to_string(fitted_.cost));
  if (lowered_ > 0) text += fmt::format(", {} at a lower quality", lowered_);
  if (fitted_.groups_short > 0)
    text += fmt::format(", {} short of the clips that budget.fit asks for", fitted_.groups_short);
  text += '\n';
  for (plan::FitClass const& one : fitted_.classes) {
    if (one.priority == plan::element_priority) {
      text += fmt::format("  elements: {} of {}\n", one.chosen, one.tasks);
      continue;
    }
    text += fmt::format("  priority {}: {} of {} clips, {}\n", one.priority, one.chosen, one.tasks,
                        how_good(one));
  }
  return text;
}

nlohmann::json BudgetFit::json() const {
  nlohmann::json classes = nlohmann::json::array();
  for (plan::FitClass const& one : fitted_.classes)
    classes.push_back({{"priority", one.priority},
                       {"clips", one.tasks},
                       {"chosen", one.chosen},
                       {"worth", one.worth},
                       {"bound", one.bound},
                       {"proven", one.proven}});
  return {{"cap", report::amount_json(cap_)},
          {"taken", report::amount_json(fitted_.cost)},
          {"at_lower_quality", lowered_},
          {"groups_short", fitted_.groups_short},
          {"priorities", std::move(classes)}};
}

tl::expected<plan::PlanTerms, ExitCode> plan_script(Script const& script, std::optional<BudgetFit> const& fit,
                                                    plan::TaskSink const& sink) {
  return fit ? fit->plan(script, sink) : plan_script(script, sink);
}

}  // namespace callsheet::cli
