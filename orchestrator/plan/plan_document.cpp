#include "orchestrator/plan/plan_document.hpp"

#include "orchestrator/plan/plan_codec.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

namespace callsheet::plan {

namespace {

using nlohmann::json;

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

OutlinedTask task_in(json const& in) {
  OutlinedTask task{.name = in.at("task").get<std::string>(),
                    .take = static_cast<int>(number_in(in.at("take"), 1, 1'000'000)),
                    .identity = TaskIdentity{in.at("identity").get<std::string>()},
                    .request = in.at("request").dump(),
                    .prices = {},
                    .output = in.at("output").get<std::string>(),
                    .deadline = in.value("deadline", std::string{})};
  task.take_as(in.at("known").get<std::string>());
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
std::vector<std::string> manifests_in(json const& in, std::filesystem::path const& folder) {
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

Outline outline_in(json const& in, std::filesystem::path const& folder) {
  Outline outline{.campaign = in.at("campaign").get<std::string>(),
                  .manifests = manifests_in(in, folder),
                  .gateway = in.at("gateway").get<std::string>(),
                  .fresh = in.at("fresh").get<bool>(),
                  .fitted = in.value("fitted", false),
                  .terms = in.at("terms").dump(),
                  .tasks = {}};
  if (!decode_terms(outline.terms)) throw std::invalid_argument{"terms of another version"};
  for (json const& task : in.at("tasks")) outline.tasks.push_back(task_in(task));
  // Not there in what the first versions wrote.
  if (auto const inputs = in.find("inputs"); inputs != in.end())
    for (json const& input : *inputs)
      outline.inputs.push_back({.url = input.at("url").get<std::string>(),
                                .content = ContentDigest{input.at("sha256").get<std::string>()}});
  return outline;
}

}  // namespace

std::optional<Outline> parse_outline(std::string const& text, std::filesystem::path const& folder) {
  try {
    json const document = parse(text);
    if (document.at("format") == document_format) return outline_in(document, folder);
  } catch (std::exception const&) {
    // json's own complaint tells where in a text that no person writes.
  }
  return std::nullopt;
}

}  // namespace callsheet::plan
