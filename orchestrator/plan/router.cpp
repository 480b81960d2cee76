#include "orchestrator/plan/router.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

constexpr std::int64_t ratio_one = 10'000;

/// What became of one model for one task.
struct Considered {
  catalog::Model const* model;
  bool chosen = false;
  bool capable = false;
  std::string why;                           // the first reason against it
  std::vector<catalog::Obstacle> obstacles;  // at the ladder's first rung
};

class Routing {
 public:
  Routing(catalog::Catalog const& catalog, RoutingRules const& rules, Wish const& wish)
      : catalog_{catalog}, rules_{rules}, wish_{wish} {}

  [[nodiscard]] std::vector<Standing> standings() const {
    std::vector<Standing> standings;
    for (catalog::Model const& model : catalog_.models)
      if (is_considered(model)) standings.push_back({&model, forbidden(model)});
    return standings;
  }

  Routed run(std::vector<Standing> const& standings) {
    considered_.reserve(standings.size());
    for (Standing const& one : standings)
      considered_.push_back(Considered{one.model, false, false, one.forbidden, {}});
    if (wish_.ladder.size() == 1 && wish_.ladder.front() == wish_.request.quality) {
      rung(wish_.request);
    } else {
      Request at = wish_.request;
      for (Quality const quality : wish_.ladder) {
        at.quality = quality;
        rung(at);
      }
    }
    for (Considered& one : considered_)
      if (!one.chosen) out_.route.left_out.push_back({one.model->id, std::move(one.why)});
    if (out_.route.candidates.empty()) refuse();
    return std::move(out_);
  }

 private:
  static bool names(std::vector<std::string> const& globs, catalog::Model const& model) {
    return std::any_of(globs.begin(), globs.end(),
                       [&](std::string const& glob) { return matches(glob, model.id.str()); });
  }
  [[nodiscard]] bool is_pinned(catalog::Model const& model) const {
    return std::find(wish_.pinned.begin(), wish_.pinned.end(), model.id) != wish_.pinned.end();
  }

  /// Other families are not even mentioned where nobody asked for them.
  [[nodiscard]] bool is_considered(catalog::Model const& model) const {
    if (!model.makes(wish_.request.mode)) return false;
    if (!makes_clips(wish_.request.mode)) return true;
    auto const& usual = catalog_.default_models;
    return usual.empty() || names(usual, model) || is_pinned(model) || names(rules_.allow, model);
  }

  /// Why the manifest does not allow a model; empty: it does.
  [[nodiscard]] std::string forbidden(catalog::Model const& model) const {
    // Elements look the same whoever makes them: what a manifest allows is about clips.
    if (!makes_clips(wish_.request.mode)) return {};
    if (!wish_.pinned.empty() && !is_pinned(model)) return "the task asks for another model";
    bool const allowed = rules_.allow.empty() || names(rules_.allow, model);
    return allowed ? std::string{} : "fallback.allow does not name it";
  }

  void rung(Request const& request) {
    std::vector<std::pair<Candidate, Considered*>> priced;
    for (Considered& one : considered_) {
      if (!one.capable && !one.why.empty() && one.obstacles.empty()) continue;  // forbidden
      auto obstacles = catalog::obstacles(*one.model, request, wish_.inputs);
      std::optional<Credits> const expected =
          catalog_.expected(*one.model, request, request.quality, wish_.inputs);
      std::optional<Credits> const most = catalog_.most(*one.model, request, request.quality, wish_.inputs);
      if (obstacles.empty() && (!expected || !most)) obstacles.push_back(no_price(*one.model, request));
      if (!obstacles.empty()) {
        if (one.why.empty()) one.why = obstacles.front().why;
        if (one.obstacles.empty()) one.obstacles = std::move(obstacles);
        continue;
      }
      one.capable = true;
      priced.emplace_back(
          Candidate{one.model->id, request.quality, *expected, *most, rate_by_length(*one.model, request)},
          &one);
    }
    std::stable_sort(priced.begin(), priced.end(),
                     [](auto const& a, auto const& b) { return a.first.expected < b.first.expected; });
    for (auto& [candidate, one] : priced) {
      cheapest_ = cheapest_ ? std::min(*cheapest_, candidate.most) : candidate.most;
      std::string why = too_dear(candidate, priced.front().first.expected);
      one->chosen = one->chosen || why.empty();
      if (why.empty())
        out_.route.candidates.push_back(std::move(candidate));
      else if (one->why.empty())
        one->why = std::move(why);
    }
  }

  [[nodiscard]] std::optional<ActualRate> rate_by_length(catalog::Model const& model,
                                                         Request const& request) const {
    catalog::Tariff const* const tariff = catalog_.tariff(model.id, request);
    if (tariff == nullptr || tariff->settlement == catalog::Settlement::request_only) return std::nullopt;
    // The clip's length alone does not tell what pictures, a call, or a video beside the clip come to.
    bool const both = tariff->counted.output && tariff->counted.input != catalog::CountedSeconds::Input::none;
    if (tariff->unit == catalog::BillingUnit::call || tariff->per_image != Credits{} ||
        (both && request.video))
      return std::nullopt;
    auto const factor = tariff->factors.find({request.quality, request.sound});
    if (factor == tariff->factors.end()) return std::nullopt;
    return ActualRate{.base_per_second = tariff->base, .factor = factor->second, .minimum = tariff->minimum};
  }

  [[nodiscard]] catalog::Obstacle no_price(catalog::Model const& model, Request const& request) const {
    return {catalog::Field::quality,
            fmt::format("the price list \"{}\" has no price for {} at {}", catalog_.prices().name,
                        model.id.str(), to_string(request.quality)),
            "choose another quality, model or price list",
            {}};
  }

  [[nodiscard]] std::string too_dear(Candidate const& candidate, Credits cheapest) const {
    if (rules_.per_task && candidate.most > *rules_.per_task)
      return fmt::format("{} credits are above budget.per_task ({})", to_string(candidate.most),
                         to_string(*rules_.per_task));
    if (!rules_.max_price_ratio) return {};
    // Compared as products: exact, and far from overflow (a clip costs below 10^7 units, ratios end at 1000).
    if (candidate.expected.units() * ratio_one <= cheapest.units() * *rules_.max_price_ratio) return {};
    return fmt::format("{} credits are above fallback.max_price_ratio times the cheapest ({})",
                       to_string(candidate.expected), to_string(cheapest));
  }

  void refuse() {
    Refusal refusal;
    if (cheapest_) {
      refusal.kind = Refusal::Kind::too_dear;
      refusal.cheapest = *cheapest_;
    } else {
      Considered* nearest = nullptr;
      for (Considered& one : considered_)
        if (!one.obstacles.empty() &&
            (nearest == nullptr || one.obstacles.size() < nearest->obstacles.size()))
          nearest = &one;
      refusal.kind = nearest == nullptr ? Refusal::Kind::not_allowed : Refusal::Kind::cannot;
      if (nearest != nullptr) refusal.obstacles = std::move(nearest->obstacles);
    }
    out_.refusal = std::move(refusal);
  }

  catalog::Catalog const& catalog_;
  RoutingRules const& rules_;
  Wish const& wish_;
  std::vector<Considered> considered_;
  std::optional<Credits> cheapest_;
  Routed out_;
};

}  // namespace

Routed route(catalog::Catalog const& catalog, RoutingRules const& rules, Wish const& wish) {
  Routing routing{catalog, rules, wish};
  return routing.run(routing.standings());
}

Routed Router::route(Wish const& wish) {
  Routing routing{catalog_, rules_, wish};
  if (!wish.pinned.empty()) return routing.run(routing.standings());
  auto found = standings_.find(wish.request.mode);
  if (found == standings_.end()) found = standings_.emplace(wish.request.mode, routing.standings()).first;
  return routing.run(found->second);
}

bool matches(std::string_view glob, std::string_view text) {
  std::size_t at = 0;
  std::size_t in_text = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (in_text < text.size()) {
    if (at < glob.size() && (glob[at] == '?' || (glob[at] != '*' && glob[at] == text[in_text]))) {
      ++at;
      ++in_text;
    } else if (at < glob.size() && glob[at] == '*') {
      star = at++;
      star_text = in_text;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_text = ++star_text;
    } else {
      return false;
    }
  }
  while (at < glob.size() && glob[at] == '*') ++at;
  return at == glob.size();
}

}  // namespace callsheet::plan
