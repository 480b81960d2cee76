#include "orchestrator/cli/storm_file.hpp"

#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/manifest/document.hpp"
#include "orchestrator/manifest/schema.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace callsheet::assets {
extern std::string_view const storm_schema;
extern std::string_view const storm_calm;
extern std::string_view const storm_rate_limited;
extern std::string_view const storm_outage;
extern std::string_view const storm_lossy;
extern std::string_view const storm_hostile;
}  // namespace callsheet::assets

namespace callsheet::cli {

namespace {

using local_gateway::Faults;
using manifest::Node;

/// A number the schema has let through.
template <class Number>
Number number_in(Node const& node) {
  std::string_view text = node.text;
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::chrono::milliseconds milliseconds_in(Node const& node) {
  return std::chrono::milliseconds{number_in<std::int64_t>(node)};
}

template <class Group>
struct Chance {
  char const* key;
  double Group::*member;
};

template <class Group, std::size_t N>
void read_chances(Node const* node, Group& group, Chance<Group> const (&chances)[N]) {
  if (node == nullptr) return;
  for (auto const& [key, member] : chances)
    if (Node const* const value = node->find(key)) group.*member = number_in<double>(*value);
}

void read_create(Node const* node, local_gateway::CreateFaults& faults) {
  using Group = local_gateway::CreateFaults;
  static constexpr Chance<Group> chances[]{{"lose_request", &Group::lose_request},
                                           {"rate_limit", &Group::rate_limit},
                                           {"error", &Group::error},
                                           {"refuse_content", &Group::refuse_content},
                                           {"ignore_idempotency", &Group::ignore_idempotency},
                                           {"error_after_accept", &Group::error_after_accept},
                                           {"lose_answer", &Group::lose_answer},
                                           {"truncate_answer", &Group::truncate_answer},
                                           {"wrong_unit", &Group::wrong_unit},
                                           {"no_price", &Group::no_price}};
  read_chances(node, faults, chances);
  if (Node const* const delay = node == nullptr ? nullptr : node->find("delay_answer")) {
    faults.delay_answer = number_in<double>(*delay->find("chance"));
    faults.delay = milliseconds_in(*delay->find("ms"));
  }
}

Faults faults_in(Node const& root) {
  Faults faults;
  if (Node const* const seed = root.find("seed")) faults.seed = number_in<std::uint64_t>(*seed);
  read_create(root.find("create"), faults.create);
  using local_gateway::ReadFaults;
  read_chances(
      root.find("reads"), faults.reads,
      {{"lose", &ReadFaults::lose}, {"rate_limit", &ReadFaults::rate_limit}, {"error", &ReadFaults::error}});
  using local_gateway::TaskFaults;
  read_chances(root.find("tasks"), faults.tasks,
               {{"stuck", &TaskFaults::stuck},
                {"refund_withheld", &TaskFaults::refund_withheld},
                {"fail", &TaskFaults::fail},
                {"hide_billing", &TaskFaults::hide_billing}});
  using local_gateway::ClipFaults;
  read_chances(root.find("clips"), faults.clips,
               {{"black", &ClipFaults::black},
                {"frozen", &ClipFaults::frozen},
                {"small", &ClipFaults::small},
                {"short", &ClipFaults::short_of_length},
                {"mute", &ClipFaults::mute},
                {"soundless", &ClipFaults::soundless}});
  using local_gateway::DownloadFaults;
  read_chances(
      root.find("downloads"), faults.downloads,
      {{"dead", &DownloadFaults::dead}, {"cut", &DownloadFaults::cut}, {"broken", &DownloadFaults::broken}});
  using local_gateway::CallbackFaults;
  read_chances(root.find("callbacks"), faults.callbacks,
               {{"lose", &CallbackFaults::lose}, {"twice", &CallbackFaults::twice}});
  if (Node const* const outages = root.find("outages"))
    for (Node const& outage : outages->items)
      faults.outages.push_back(
          {milliseconds_in(*outage.find("start_ms")), milliseconds_in(*outage.find("length_ms"))});
  return faults;
}

Checked<Storm> storm_in(Checked<manifest::Document> const& document) {
  if (!document) return tl::unexpected{document.error()};
  manifest::ErrorList errors;
  manifest::check_schema(*document, assets::storm_schema, errors);
  if (!errors.empty()) return tl::unexpected{errors.take()};
  return Storm{.name = document->root().find("storm")->text, .faults = faults_in(document->root())};
}

}  // namespace

Checked<Storm> load_storm(std::filesystem::path const& path) {
  return storm_in(manifest::Document::read(path));
}

Checked<std::vector<Storm>> built_in_storms() {
  std::vector<Storm> storms;
  for (std::string_view const text : {assets::storm_calm, assets::storm_rate_limited, assets::storm_outage,
                                      assets::storm_lossy, assets::storm_hostile}) {
    auto storm = storm_in(manifest::Document::parse("a built-in storm", std::string{text}));
    if (!storm) return tl::unexpected{storm.error()};
    storms.push_back(*std::move(storm));
  }
  return storms;
}

CLI::Option* StormFlags::add_to(CLI::App& command) {
  CLI::Option* const option =
      command
          .add_option("--storm", file, "What the built-in local gateway does wrong on purpose: a storm file")
          ->type_name("FILE");
  command.add_option("--storm-seed", seed, "Another seed than the storm file's")->needs(option);
  return option;
}

tl::expected<Faults, ExitCode> read_storm(StormFlags const& flags) {
  if (flags.file.empty()) return Faults{};
  Checked<Storm> storm = load_storm(flags.file);
  if (!storm) {
    show(storm.error());
    return tl::unexpected{ExitCode::usage};
  }
  if (flags.seed) storm->faults.seed = *flags.seed;
  return std::move(storm->faults);
}

}  // namespace callsheet::cli
