#include "orchestrator/cli/plan_file.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/manifest/text_file.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/plan/plan_document.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <fstream>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::size_t bytes_most = 2u << 30;

json task_json(plan::PlannedTask const& task, Known known) {
  json candidates = json::array();
  for (plan::Candidate const& candidate : task.route->candidates)
    candidates.push_back({{"model", candidate.model.str()},
                          {"quality", to_string(candidate.quality)},
                          {"expected", report::amount_json(candidate.expected)},
                          {"most", report::amount_json(candidate.most)}});
  json left_out = json::array();
  for (plan::LeftOut const& model : task.route->left_out)
    left_out.push_back({{"model", model.model.str()}, {"why", model.why}});
  json labels = json::object();
  for (auto const& [name, value] : task.labels) labels[name] = value;
  json out = {{"task", task.name},
              {"take", task.take},
              {"identity", task.identity.str()},
              {"request", json::parse(canonical_json(task.request))},
              {"labels", std::move(labels)},
              {"tags", task.tags},
              {"duration_s", task.request.duration.count()},
              {"sound", to_string(task.request.sound)},
              {"output", task.output.generic_string()},
              {"known", name_of(known)},
              {"candidates", std::move(candidates)},
              {"left_out", std::move(left_out)}};
  if (task.deadline) out["deadline"] = to_string(*task.deadline);
  return out;
}

plan::OutlinedTask outline_of(plan::PlannedTask const& task) {
  plan::OutlinedTask outlined{.name = task.name,
                              .take = task.take,
                              .identity = task.identity,
                              .request = canonical_json(task.request),
                              .prices = {},
                              .output = task.output.generic_string(),
                              .deadline = task.deadline ? to_string(*task.deadline) : ""};
  for (plan::Candidate const& candidate : task.route->candidates)
    outlined.prices.push_back({.model = candidate.model,
                               .quality = candidate.quality,
                               .expected = candidate.expected,
                               .most = candidate.most});
  return outlined;
}

}  // namespace

std::string_view name_of(Known known) {
  switch (known) {
    case Known::no:
      return plan::known_new;
    case Known::made:
      return "made";
    case Known::file_gone:
      return plan::known_file_gone;
    case Known::outstanding:
      return "outstanding";
    case Known::over_budget:
      return "over budget";
  }
  return "";
}

tl::expected<plan::Outline, ExitCode> outline_script(Script const& script, Manifests const& manifests,
                                                     ledger::Ledger* ledger, std::string const& gateway,
                                                     Reusing const& reusing,
                                                     std::optional<BudgetFit> const& fit) {
  plan::Outline outline{.campaign = script.name(),
                        .manifests = {},
                        .gateway = gateway,
                        .fresh = !reusing.made,
                        .fitted = fit.has_value(),
                        .terms = {},
                        .tasks = {}};
  for (fs::path const& manifest : manifests) outline.manifests.push_back(fs::absolute(manifest).string());
  std::vector<TaskIdentity> identities;
  auto const terms = plan_script(script, fit, [&](plan::PlannedTask&& task, std::size_t /*route*/) {
    identities.push_back(task.identity);
    outline.tasks.push_back(outline_of(task));
    outline.tasks.back().take_as(name_of(known_of(task, Known::no)));
  });
  if (!terms) return tl::unexpected{terms.error()};
  outline.terms = plan::encode_terms(*terms);
  if (ledger == nullptr) return outline;
  auto const reuse = find_reuse(*ledger, gateway, identities, reusing);
  if (!reuse) return tl::unexpected{refuse(reuse.error())};
  for (std::size_t i = 0; i < outline.tasks.size(); ++i) {
    bool const left_out = outline.tasks[i].known == name_of(Known::over_budget);
    Known const known = (*reuse)[i].known;
    if (!left_out || known == Known::made || known == Known::outstanding)
      outline.tasks[i].take_as(name_of(known));
  }
  return outline;
}

json plan_document(plan::Plan const& plan, std::vector<Known> const& known, Reusing const& reusing,
                   std::string const& gateway, Manifests const& manifests, fs::path const& from,
                   std::vector<plan::PinnedInput> const& inputs) {
  PlanSums sums;
  json looked_at = json::array();
  for (plan::PinnedInput const& input : inputs)
    looked_at.push_back({{"url", input.url}, {"sha256", input.content.str()}});
  json tasks = json::array();
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    sums.add(plan.tasks[i], known[i]);
    tasks.push_back(task_json(plan.tasks[i], known[i]));
  }
  json paths = json::array();
  for (fs::path const& manifest : manifests)
    paths.push_back(fs::absolute(manifest).lexically_proximate(fs::absolute(from)).generic_string());
  bool const several = paths.size() > 1;
  return {{"format", plan::document_format},
          {"campaign", plan.terms.campaign},
          {several ? "manifests" : "manifest", several ? std::move(paths) : std::move(paths.front())},
          {"gateway", gateway},
          {"fresh", !reusing.made},
          {"fitted", !plan.terms.fit_digest.empty()},
          {"catalog", plan.terms.catalog_name},
          {"cap", report::amount_json(plan.terms.budget.cap)},
          {"expected", report::amount_json(sums.all)},
          {"new_spend", report::amount_json(sums.fresh)},
          {"terms", json::parse(plan::encode_terms(plan.terms))},
          {"inputs", std::move(looked_at)},
          {"tasks", std::move(tasks)}};
}

bool is_plan_file(fs::path const& path) {
  return path.extension() == ".json";
}

std::optional<Error> plan_in_place_of_manifest(fs::path const& path) {
  if (!is_plan_file(path)) return std::nullopt;
  // Keys are sorted: the format stands before the tasks.
  constexpr std::size_t beginning = 4096;
  std::string text(beginning, '\0');
  std::ifstream file{path, std::ios::binary};
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.find(plan::document_format) == std::string::npos) return std::nullopt;
  return Error{.code = Code::usage,
               .what = fmt::format("'{}' is a plan file, not a manifest", path.string()),
               .mend = fmt::format(
                   "`callsheet run {0}` carries it out, `callsheet diff {0} MANIFEST` compares it; here, "
                   "name the manifest it was made from",
                   path.string())};
}

Result<plan::Outline> read_plan_file(fs::path const& path) {
  Result<std::string> const text = manifest::read_text_file(path, path, bytes_most);
  if (!text) return fail(text.error());
  if (auto outline = plan::parse_outline(*text, fs::absolute(path).parent_path())) return *std::move(outline);
  // The same to the user as another format: it was not written by `plan --out`, or was changed since.
  return fail(Code::invalid_input, fmt::format("'{}' is no plan that callsheet can read", path.string()),
              "make it anew: `callsheet plan MANIFEST --out plan.json`");
}

}  // namespace callsheet::cli
