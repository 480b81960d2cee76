#include "orchestrator/cli/plan_file.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/manifest/text_file.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::string_view format_name = "callsheet plan 1";
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

/// Whoever writes a plan file may write anything.
std::int64_t number_in(json const& value, std::int64_t least, std::int64_t most) {
  if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX))
    throw std::invalid_argument{"no number"};
  auto const number = value.get<std::int64_t>();
  if (number < least || number > most) throw std::invalid_argument{"a number out of range"};
  return number;
}

Credits amount_in(json const& amount) {
  // A million of them can be added up.
  constexpr std::int64_t units_most = 1'000'000'000'000;
  return Credits::from_units(number_in(amount.at("units"), 0, units_most));
}

/// What recursion goes through later is not deep.
json parse(std::string const& text) {
  constexpr int depth_most = 32;
  return json::parse(text, [](int depth, json::parse_event_t /*event*/, json& /*parsed*/) {
    if (depth > depth_most) throw std::invalid_argument{"too deep"};
    return true;
  });
}

void note(plan::OutlinedTask& task, std::string_view known) {
  task.known = known;
  task.to_buy = known == name_of(Known::no) || known == name_of(Known::file_gone);
}

plan::OutlinedTask task_in(json const& in) {
  plan::OutlinedTask task{.name = in.at("task").get<std::string>(),
                          .take = static_cast<int>(number_in(in.at("take"), 1, 1'000'000)),
                          .identity = TaskIdentity{in.at("identity").get<std::string>()},
                          .request = in.at("request").dump(),
                          .prices = {},
                          .output = in.at("output").get<std::string>(),
                          .deadline = in.value("deadline", std::string{})};
  note(task, in.at("known").get<std::string>());
  for (json const& candidate : in.at("candidates")) {
    auto const quality = parse_quality(candidate.at("quality").get<std::string>());
    if (!quality) throw std::invalid_argument{"a quality that is not known"};
    task.prices.push_back({.model = ModelId{candidate.at("model").get<std::string>()},
                           .quality = *quality,
                           .expected = amount_in(candidate.at("expected")),
                           .most = amount_in(candidate.at("most"))});
  }
  if (task.prices.empty()) throw std::invalid_argument{"a task without a price"};
  return task;
}

/// One stands under a key of its own, as before there could be several.
std::vector<std::string> manifests_in(json const& in, fs::path const& folder) {
  std::vector<std::string> manifests;
  auto const take = [&](json const& path) {
    manifests.push_back((folder / path.get<std::string>()).lexically_normal().string());
  };
  if (auto const several = in.find("manifests"); several != in.end())
    for (json const& path : *several) take(path);
  else
    take(in.at("manifest"));
  if (manifests.empty()) throw std::invalid_argument{"a plan of nothing"};
  return manifests;
}

plan::Outline outline_in(json const& in, fs::path const& folder) {
  plan::Outline outline{.campaign = in.at("campaign").get<std::string>(),
                        .manifests = manifests_in(in, folder),
                        .gateway = in.at("gateway").get<std::string>(),
                        .fresh = in.at("fresh").get<bool>(),
                        .fitted = in.value("fitted", false),
                        .terms = in.at("terms").dump(),
                        .tasks = {}};
  if (!plan::decode_terms(outline.terms)) throw std::invalid_argument{"terms of another version"};
  for (json const& task : in.at("tasks")) outline.tasks.push_back(task_in(task));
  // Not there in what the first versions wrote.
  if (auto const inputs = in.find("inputs"); inputs != in.end())
    for (json const& input : *inputs)
      outline.inputs.push_back({.url = input.at("url").get<std::string>(),
                                .content = ContentDigest{input.at("sha256").get<std::string>()}});
  return outline;
}

}  // namespace

std::string_view name_of(Known known) {
  switch (known) {
    case Known::no:
      return "new";
    case Known::made:
      return "made";
    case Known::file_gone:
      return "file gone";
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
    note(outline.tasks.back(), name_of(known_of(task, Known::no)));
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
      note(outline.tasks[i], name_of(known));
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
  return {{"format", format_name},
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
  if (text.find(format_name) == std::string::npos) return std::nullopt;
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
  try {
    json const document = parse(*text);
    if (document.at("format") == format_name) return outline_in(document, fs::absolute(path).parent_path());
  } catch (std::exception const&) {
    // The same to the user as another format: it was not written by `plan --out`, or was changed since.
  }
  return fail(Code::invalid_input, fmt::format("'{}' is no plan that callsheet can read", path.string()),
              "make it anew: `callsheet plan MANIFEST --out plan.json`");
}

}  // namespace callsheet::cli
