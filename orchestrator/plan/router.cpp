#include "orchestrator/plan/router.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::plan {

namespace {

bool chosen(std::vector<std::string> const& globs, std::string const& id) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(),
                                      [&](std::string const& glob) { return glob_matches(glob, id); });
}

void leave_out(Route& route, ModelId const& model, std::string why) {
  LeftOut reason{model, std::move(why)};
  if (std::find(route.left_out.begin(), route.left_out.end(), reason) == route.left_out.end())
    route.left_out.push_back(std::move(reason));
}

/// The candidates of one rung, unsorted.
std::vector<Candidate> candidates_at(catalog::Catalog const& catalog, Request const& request,
                                     catalog::Pictures pictures, RouteRules const& rules, Route& route) {
  std::vector<Candidate> candidates;
  for (catalog::Model const& model : catalog.models) {
    if (model.mode != request.mode || !chosen(rules.pinned, model.id.str())) continue;
    if (!chosen(rules.allow, model.id.str())) {
      leave_out(route, model.id, "fallback.allow does not name it");
      continue;
    }
    auto const objections = catalog::objections(model, request, pictures);
    if (!objections.empty()) {
      leave_out(route, model.id, objections.front().why);
      continue;
    }
    Result<Credits> const price = catalog::price(catalog, model, request);
    if (!price)
      leave_out(route, model.id, price.error().what);
    else if (rules.per_task && *price > *rules.per_task)
      leave_out(route, model.id,
                fmt::format("{} credits are more than budget.per_task allows ({})", to_string(*price),
                            to_string(*rules.per_task)));
    else
      // With settlement request_only the expected price is also the most (gateway-api.md section 10).
      candidates.push_back(
          {.model = model.id, .quality = request.quality, .expected = *price, .most = *price});
  }
  return candidates;
}

}  // namespace

Route find_route(catalog::Catalog const& catalog, Request request, std::vector<Quality> const& ladder,
                 catalog::Pictures pictures, RouteRules const& rules) {
  Route route;
  for (Quality const rung : ladder) {
    request.quality = rung;
    std::vector<Candidate> candidates = candidates_at(catalog, request, pictures, rules, route);
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](Candidate const& a, Candidate const& b) { return a.expected < b.expected; });
    for (Candidate& candidate : candidates) {
      Credits const cheapest = candidates.front().expected;
      if (rules.max_price_percent && candidate.expected * 100 > cheapest * *rules.max_price_percent)
        leave_out(route, candidate.model,
                  fmt::format("{} credits are more than {} % of the cheapest ({})",
                              to_string(candidate.expected), *rules.max_price_percent, to_string(cheapest)));
      else
        route.candidates.push_back(candidate);
    }
  }
  return route;
}

bool glob_matches(std::string_view glob, std::string_view text) {
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last '*' seen, and where in the text it was tried last
  std::size_t tried = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == text[t] || glob[g] == '?')) {
      ++g;
      ++t;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      tried = t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++tried;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace callsheet::plan
