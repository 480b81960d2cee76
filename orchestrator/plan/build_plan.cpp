#include "orchestrator/plan/build_plan.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/manifest/expand.hpp"
#include "orchestrator/plan/chosen_tasks.hpp"
#include "orchestrator/plan/clips_once.hpp"
#include "orchestrator/plan/complaints.hpp"
#include "orchestrator/plan/input_look.hpp"
#include "orchestrator/plan/joint_terms.hpp"
#include "orchestrator/plan/named_models.hpp"
#include "orchestrator/plan/own_elements.hpp"
#include "orchestrator/plan/refusals.hpp"
#include "orchestrator/plan/router.hpp"
#include "orchestrator/plan/shared_routes.hpp"
#include "orchestrator/plan/task_groups.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

using manifest::ExpandedTask;

PlanTerms terms_of(manifest::Campaign const& campaign, catalog::PriceList const& prices,
                   TaskChoice const& choice) {
  PlanTerms terms;
  terms.campaign = campaign.name;
  terms.budget = campaign.budget;
  terms.limits = campaign.limits;
  terms.thresholds = campaign.thresholds;
  terms.refused_content = campaign.fallback.refused_content;
  manifest::GatewayWords const& gateway = campaign.gateway;
  terms.trust = {.idempotency = gateway.idempotency.value_or(Idempotency::unknown),
                 .listing = gateway.listing.value_or(Listing::none)};
  terms.webhooks = campaign.webhooks;
  terms.patience = campaign.patience;
  terms.deadline = campaign.deadline;
  terms.choice = choice.words();
  terms.output_dir = campaign.output_dir;
  terms.usd_rate = prices.credits_per_usd;
  terms.catalog_name = prices.name;
  for (manifest::Axis const& axis : campaign.matrix.axes) terms.axes.push_back(axis.name);
  return terms;
}

class Planner {
 public:
  Planner(manifest::Campaign const& campaign, catalog::Catalog const& catalog, MediaProbes const& probes,
          TaskSink const& sink, TaskChoice const& choice, Retakes const* retakes)
      : campaign_{campaign},
        sink_{sink},
        choice_{choice},
        retakes_{retakes},
        complaints_{campaign},
        rules_{routing_rules(campaign)},
        router_{catalog, rules_},
        models_{campaign, catalog, complaints_},
        look_{catalog, probes, complaints_},
        refusals_{campaign, catalog, models_, complaints_},
        chosen_{choice},
        clips_{*campaign.document, complaints_},
        groups_{campaign},
        terms_{terms_of(campaign, catalog.prices(), choice)} {}

  Checked<PlanTerms> run() {
    models_.check();
    elements_.plan(campaign_, {look_, router_, refusals_, complaints_});
    // Every pass comes upon the same mistakes: they are told once.
    if (choice_.sample() > 0) go_through(Pass::sampling);
    if (choice_.sample() == 0 || complaints_.empty()) go_through(Pass::planning);
    if (complaints_.empty() && clips_.any()) go_through(Pass::looking_for_twins);
    // Only once the tasks are sound: else what was chosen may stand in one that is not.
    if (complaints_.empty()) chosen_.check(left_, complaints_);
    check_groups();
    if (!complaints_.empty()) return tl::unexpected{complaints_.take()};
    terms_.tasks_digest = digest_.hex();
    return std::move(terms_);
  }

 private:
  /// What each pass does with the tasks that are chosen.
  enum class Pass { sampling, planning, looking_for_twins };

  /// How a task is made anew.
  struct Anew {
    Retake const* retake = nullptr;  ///< null: it is not
    TaskIdentity stands_for = {};    ///< what it is in the manifest
  };

  /// A cap that is not kept would be worse than no plan.
  void check_groups() {
    if (terms_.budget.groups.size() <= GroupSet::groups_most) return;
    complaints_.tell(place_of_key(*campaign_.document, "budget.groups"),
                     {.what = fmt::format("{} groups have a cap of their own, and a run can keep {} apart",
                                          terms_.budget.groups.size(), GroupSet::groups_most),
                      .mend = "give caps to an axis of fewer values, or run a part at a time"});
  }

  void go_through(Pass pass) {
    pass_ = pass;
    manifest::expand(
        campaign_, [this](ExpandedTask&& task) { take(std::move(task)); }, complaints_.list());
  }

  void take(ExpandedTask&& task) {
    if (choice_.sample() > 0 && task.take > 1) return;
    elements_.identify(task.request);
    if (retakes_ == nullptr && task.take > 1 && task.source == last_.source && task.name == last_.name) {
      // Takes differ in number and file only: the first one's route and inputs hold.
      task.request = last_.request;
      return add(std::move(task), last_.route, {});
    }
    last_ = {};
    if (!models_.check(task)) return;
    SeenInputs const seen = look_.look_at(task);
    if (seen.all_good) follow_video(task, seen.facts, complaints_);
    Anew anew;
    if (retakes_ != nullptr && !(seen.all_good && is_made_anew(task, anew))) return;
    Routed routed = router_.route(Wish{task.request, task.ladder, task.models, seen.facts});
    if (routed.refusal)
      return refusals_.tell(task, *routed.refusal, seen.all_good ? Unseen::none : Unseen::inputs,
                            anew.retake);
    if (!seen.all_good || !chosen_.takes(task)) return;
    if (pass_ == Pass::sampling) return chosen_.draw(task);
    if (!chosen_.is_in_sample(task)) return;
    hand_on_elements(task.request);
    std::size_t const route = routes_.number_of(std::move(routed.route), digest_);
    if (task.takes > 1)
      last_ = {.source = task.source, .name = task.name, .request = task.request, .route = route};
    add(std::move(task), route, std::move(anew));
  }

  /// Gives the task the prompt of its retake; a task without one keeps its clip.
  bool is_made_anew(ExpandedTask& task, Anew& anew) {
    anew.stands_for = identity_of(task.request, task.ladder, task.take);
    auto const retake = retakes_->find(anew.stands_for);
    if (retake == retakes_->end()) {
      ask_for(task, anew.stands_for, nullptr);  // which no retake may ask for
      return false;
    }
    anew.retake = &retake->second;
    if (anew.retake->prompt) task.request.prompt = *anew.retake->prompt;
    return true;
  }

  void hand_on_elements(Request const& request) {
    if (pass_ == Pass::looking_for_twins) return;
    for (OwnElement* const own : elements_.first_shown_by(request)) {
      std::size_t const route = routes_.number_of(std::move(own->route), digest_);
      digest_.add(own->task.identity.str());
      digest_.add(fmt::format(" element {}\n", route));
      own->task.route = routes_[route];
      sink_(PlannedTask{own->task}, route);
    }
  }

  void ask_for(ExpandedTask const& task, TaskIdentity const& identity, Retake const* anew) {
    if (pass_ == Pass::looking_for_twins) return clips_.look_for_twin(task, identity, anew);
    clips_.note(identity);
  }

  void add(ExpandedTask&& task, std::size_t route, Anew anew) {
    TaskIdentity identity = identity_of(task.request, task.ladder, task.take);
    ask_for(task, identity, anew.retake);
    // Two retakes do not change places either.
    if (!anew.stands_for.empty() && anew.stands_for != identity) ask_for(task, anew.stands_for, nullptr);
    if (pass_ == Pass::looking_for_twins) return;
    if (task.take == 1) elements_.check_name(task, complaints_);
    digest_.add(identity.str());
    digest_.add(task.output.native());
    digest_.add(fmt::format(" {}\n", route));
    // An interrupted run does not go on under another deadline, and a pinned plan is not carried out under
    // it.
    if (task.deadline) digest_.add(fmt::format("until {}\n", to_string(*task.deadline)));
    if (!anew.stands_for.empty()) digest_.add(fmt::format("for {}\n", anew.stands_for.str()));
    GroupSet const groups = groups_.of(task, terms_.budget);
    left_ = ChosenTasks::Left::some;
    manifest::Place const where = task.source->place;
    sink_(
        PlannedTask{
            .identity = std::move(identity),
            .stands_for = std::move(anew.stands_for),
            .name = std::move(task.name),
            .take = task.take,
            .takes = task.takes,
            .priority = task.priority,
            .value = task.value,
            .labels = std::move(task.labels),
            .tags = std::move(task.tags),
            .deadline = task.deadline,
            .groups = groups,
            .request = std::move(task.request),
            .ladder = std::move(task.ladder),
            .route = routes_[route],
            .output = std::move(task.output),
            .where = {campaign_.document->file_of(where), where.line, where.column},
        },
        route);
  }

  manifest::Campaign const& campaign_;
  TaskSink const& sink_;
  TaskChoice const& choice_;
  Retakes const* retakes_;
  Complaints complaints_;
  RoutingRules rules_;
  Router router_;
  NamedModels models_;
  InputLook look_;
  Refusals refusals_;
  ChosenTasks chosen_;
  ClipsOnce clips_;
  TaskGroups groups_;
  OwnElements elements_;
  SharedRoutes routes_;
  Sha256 digest_;
  PlanTerms terms_;
  Pass pass_ = Pass::planning;
  ChosenTasks::Left left_ = ChosenTasks::Left::none;  ///< of what was chosen
  struct Last {
    manifest::TaskTemplate const* source = nullptr;
    std::string name = {};
    Request request = {};
    std::size_t route = 0;
  } last_;  ///< the first take of a task that has several
};

}  // namespace

Checked<PlanTerms> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                              MediaProbes const& probes, TaskSink const& sink, TaskChoice const& choice,
                              Retakes const* retakes) {
  return Planner{campaign, catalog, probes, sink, choice, retakes}.run();
}

Checked<Plan> build_plan(manifest::Campaign const& campaign, catalog::Catalog const& catalog,
                         MediaProbes const& probes) {
  Plan plan;
  Checked<PlanTerms> terms =
      build_plan(campaign, catalog, probes,
                 [&](PlannedTask&& task, std::size_t /*route*/) { plan.tasks.push_back(std::move(task)); });
  if (!terms) return tl::unexpected{std::move(terms.error())};
  plan.terms = *std::move(terms);
  return plan;
}

}  // namespace callsheet::plan
