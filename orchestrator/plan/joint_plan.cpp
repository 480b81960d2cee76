#include "orchestrator/plan/joint_plan.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/manifest/error_list.hpp"
#include "orchestrator/manifest/twins.hpp"
#include "orchestrator/plan/joint_terms.hpp"
#include "orchestrator/plan/plan_codec.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace callsheet::plan {

namespace {

constexpr std::string_view between_names = " + ";

/// By name.
Campaigns in_order(std::vector<manifest::Campaign> const& campaigns) {
  Campaigns ordered;
  for (manifest::Campaign const& campaign : campaigns) ordered.push_back(&campaign);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](auto const* a, auto const* b) { return a->name < b->name; });
  return ordered;
}

class JointPlanner {
 public:
  JointPlanner(std::vector<manifest::Campaign> const& campaigns, catalog::Catalog const& catalog,
               MediaProbes const& probes, TaskSink const& sink, TaskChoice const& choice)
      : campaigns_{in_order(campaigns)}, catalog_{catalog}, probes_{probes}, sink_{sink}, choice_{choice} {}

  Checked<PlanTerms> run() {
    check_they_agree(campaigns_, errors_);
    terms_.output_dir = joint_output_dir(campaigns_, errors_);
    terms_.limits = joint_limits(campaigns_, errors_);
    if (!errors_.empty()) return tl::unexpected{errors_.take()};
    for (manifest::Campaign const* const campaign : campaigns_) plan(*campaign);
    // Asked of both: each then keeps only what came twice.
    bool const clips_twice = clips_.any();
    bool const files_twice = files_.any();
    if (errors_.empty() && (clips_twice || files_twice))
      for (manifest::Campaign const* const campaign : campaigns_) look_for_twins(*campaign);
    if (!errors_.empty()) return tl::unexpected{errors_.take()};
    terms_.tasks_digest = digest_.hex();
    return std::move(terms_);
  }

 private:
  /// A route of the campaign that is planned now, by its number there: its number in the joint plan, once a
  /// task that has it was handed on.
  using RouteNumbers = std::vector<std::optional<std::size_t>>;

  void plan(manifest::Campaign const& campaign) {
    std::size_t const first_group = terms_.budget.groups.size();
    RouteNumbers routes;
    auto own = build_plan(
        campaign, catalog_, probes_,
        [&](PlannedTask&& task, std::size_t route) {
          hand_on(campaign, std::move(task), first_group, route, routes);
        },
        choice_);
    if (!own) return errors_.add(std::move(own.error()));
    add_budget(campaign, own->budget);
    if (terms_.campaign.empty()) take_over(*own);
    names_.push_back(campaign.name);
    terms_.campaign = joint_name(names_);
    for (std::string const& axis : own->axes)
      if (std::find(terms_.axes.begin(), terms_.axes.end(), axis) == terms_.axes.end())
        terms_.axes.push_back(axis);
    digest_.add(fmt::format("campaign {} {}\n", campaign.name, own->tasks_digest));
  }

  /// What all say alike.
  void take_over(PlanTerms const& own) {
    PlanTerms joint = own;
    joint.budget = std::move(terms_.budget);
    joint.budget.per_task = own.budget.per_task;
    joint.budget.daily = own.budget.daily;
    joint.budget.when_short = own.budget.when_short;
    joint.limits = std::move(terms_.limits);
    joint.output_dir = std::move(terms_.output_dir);
    joint.axes = {std::string{campaign_axis}};
    terms_ = std::move(joint);
  }

  /// The campaign's own cap as the first of its groups, then those it has itself.
  void add_budget(manifest::Campaign const& campaign, Budget const& own) {
    Budget& budget = terms_.budget;
    budget.cap += own.cap;
    budget.groups.push_back({.axis = std::string{campaign_axis}, .value = campaign.name, .cap = own.cap});
    for (GroupCap const& group : own.groups)
      budget.groups.push_back({.axis = group.axis,
                               .value = fmt::format("{} of {}", group.value, campaign.name),
                               .cap = group.cap});
    if (budget.groups.size() <= GroupSet::groups_most) return;
    manifest::Document const& document = *campaign.document;
    errors_.add(document.error(place_of_key(document, "budget.groups"),
                               "the campaigns have more groups with a cap than one run can keep apart",
                               "run them one after the other"));
  }

  void hand_on(manifest::Campaign const& campaign, PlannedTask&& task, std::size_t first_group,
               std::size_t route, RouteNumbers& routes) {
    if (routes.size() <= route) routes.resize(route + 1);
    if (is_element(task) && !elements_.insert(task.identity.str()).second) return;
    if (!is_element(task)) {
      clips_.note(task.identity.str());
      files_.note(file_of(campaign, task).native());
    }
    if (!routes[route]) {
      auto const [known, fresh] = route_numbers_.emplace(encode_route(*task.route), route_numbers_.size());
      routes[route] = known->second;
    }
    task.name = fmt::format("{}/{}", campaign.name, task.name);
    task.labels.insert(task.labels.begin(), {std::string{campaign_axis}, campaign.name});
    if (!task.output.empty()) task.output = file_of(campaign, task);
    task.groups = groups_of(task.groups, first_group);
    sink_(std::move(task), *routes[route]);
  }

  /// Relative to the folder of all.
  [[nodiscard]] std::filesystem::path file_of(manifest::Campaign const& campaign,
                                              PlannedTask const& task) const {
    return (campaign.output_dir / task.output).lexically_relative(output_dir());
  }
  [[nodiscard]] std::filesystem::path const& output_dir() const { return terms_.output_dir; }

  static GroupSet groups_of(GroupSet const& own, std::size_t first) {
    GroupSet groups;
    groups.indexes[groups.size++] = static_cast<std::uint16_t>(first);
    for (std::uint16_t const group : own)
      groups.indexes[groups.size++] = static_cast<std::uint16_t>(first + 1 + group);
    return groups;
  }

  struct Seen {
    manifest::Campaign const* campaign;
    std::string name;
    SourceLocation where;
  };

  void look_for_twins(manifest::Campaign const& campaign) {
    auto const looked = build_plan(
        campaign, catalog_, probes_,
        [&](PlannedTask&& task, std::size_t /*route*/) {
          if (is_element(task)) return;
          std::string const& identity = task.identity.str();
          std::string const file = file_of(campaign, task).generic_string();
          Seen const seen{.campaign = &campaign, .name = task.name, .where = task.where};
          if (clips_.suspects(identity)) compare(seen_clips_, identity, seen, "asks for the very same clip");
          if (files_.suspects(file))
            compare(seen_files_, file, seen, fmt::format("writes to the same file '{}'", file));
        },
        choice_);
    if (!looked) errors_.add(looked.error());
  }

  void compare(std::unordered_map<std::string, Seen>& known, std::string const& key, Seen const& seen,
               std::string const& does) {
    auto const [found, fresh] = known.emplace(key, seen);
    Seen const& earlier = found->second;
    if (fresh || earlier.campaign == seen.campaign) return;
    manifest::Document const& document = *seen.campaign->document;
    errors_.add(document.error(
        document.place_at(seen.where),
        fmt::format("task `{}` of {} {} as task `{}` of {} ({})", seen.name, seen.campaign->name, does,
                    earlier.name, earlier.campaign->name, to_string(earlier.where)),
        "keep one of them, or run the campaigns one after the other: what is made is "
        "not bought again"));
  }

  Campaigns campaigns_;
  catalog::Catalog const& catalog_;
  MediaProbes const& probes_;
  TaskSink const& sink_;
  TaskChoice const& choice_;
  manifest::ErrorList errors_;
  PlanTerms terms_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> route_numbers_;
  std::set<std::string> elements_;  ///< identities of those that were handed on
  manifest::Twins clips_, files_;
  std::unordered_map<std::string, Seen> seen_clips_, seen_files_;  ///< of suspects
  Sha256 digest_;
};

}  // namespace

std::string joint_name(std::vector<std::string> const& campaigns) {
  return fmt::format("{}", fmt::join(campaigns, between_names));
}

std::vector<std::string> campaigns_in(std::string_view name) {
  std::vector<std::string> campaigns;
  for (std::size_t at = 0; at <= name.size();) {
    std::size_t const end = std::min(name.find(between_names, at), name.size());
    campaigns.emplace_back(name.substr(at, end - at));
    at = end + between_names.size();
  }
  return campaigns;
}

std::vector<Error> disagreements(std::vector<manifest::Campaign> const& campaigns) {
  manifest::ErrorList errors;
  check_they_agree(in_order(campaigns), errors);
  return errors.take();
}

Checked<PlanTerms> build_joint_plan(std::vector<manifest::Campaign> const& campaigns,
                                    catalog::Catalog const& catalog, MediaProbes const& probes,
                                    TaskSink const& sink, TaskChoice const& choice) {
  if (campaigns.size() == 1) return build_plan(campaigns.front(), catalog, probes, sink, choice);
  return JointPlanner{campaigns, catalog, probes, sink, choice}.run();
}

}  // namespace callsheet::plan
