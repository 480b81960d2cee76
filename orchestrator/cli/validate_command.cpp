#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/error_format.hpp"
#include "orchestrator/cli/github.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/url_probe.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

enum class ErrorFormat { as_text, as_json, as_github };

struct ValidateOptions {
  Manifests manifests;
  CatalogFlags catalog;
  ProbeFlags probe;
  ErrorFormat format = ErrorFormat::as_text;
};

/// How many clips the manifest stands for.
Checked<std::size_t> check(std::filesystem::path const& manifest, ValidateOptions const& flags) {
  Checked<Script> script = load_script({manifest}, flags.catalog);
  if (!script) return tl::unexpected{script.error()};
  auto const site = choose_site(GatewayFlags{}, script->campaigns, script->catalog);
  if (!site) return tl::unexpected{std::vector{site.error()}};
  std::size_t clips = 0;
  UrlInputs urls;
  Checked<plan::PlanTerms> const terms =
      plan_tasks(*script, [&](plan::PlannedTask&& task, std::size_t /*route*/) {
        clips += plan::is_element(task) ? 0 : 1;
        if (flags.probe.wanted(false)) urls.add(task);
      });
  if (!terms) return tl::unexpected{terms.error()};
  if (urls.empty()) return clips;
  auto looked = urls.look(script->campaigns, script->catalog, flags.probe.reach(*site));
  if (!looked.errors.empty()) return tl::unexpected{std::move(looked.errors)};
  return clips;
}

/// Each by itself: whether one run can carry all of them out is what `plan` tells. What is sound is said at
/// once; the errors of all are kept.
Checked<std::size_t> check_all(ValidateOptions const& flags) {
  std::size_t clips = 0;
  std::vector<Error> errors;
  for (std::filesystem::path const& manifest : flags.manifests) {
    Checked<std::size_t> found = check(manifest, flags);
    if (!found) {
      std::move(found.error().begin(), found.error().end(), std::back_inserter(errors));
      continue;
    }
    clips += *found;
    if (flags.format != ErrorFormat::as_json)
      say(fmt::format("{}: valid, {}\n", manifest.string(),
                      count_of(static_cast<std::int64_t>(*found), "clip")));
  }
  if (!errors.empty()) return tl::unexpected{std::move(errors)};
  return clips;
}

void print_json(Checked<std::size_t> const& clips) {
  nlohmann::json errors = nlohmann::json::array();
  if (!clips)
    for (Error const& error : clips.error()) errors.push_back(to_json(error));
  print(to_text({{"valid", clips.has_value()}, {"clips", clips.value_or(0)}, {"errors", std::move(errors)}}));
}

ExitCode validate(ValidateOptions const& flags) {
  Checked<std::size_t> const clips = check_all(flags);
  if (flags.format == ErrorFormat::as_json) print_json(clips);
  if (!clips) {
    if (flags.format == ErrorFormat::as_text) return refuse(clips.error());
    if (flags.format == ErrorFormat::as_github)
      for (Error const& error : clips.error()) print(annotation_of(error));
    // Beside annotations, the log shows the lines they are about.
    if (flags.format != ErrorFormat::as_json) show(clips.error());
    return exit_code_of(clips.error());
  }
  return ExitCode::done;
}

}  // namespace

void add_validate(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<ValidateOptions>();
  CLI::App* command = app.add_subcommand("validate", "Check a manifest, its data files and its pictures");
  command->add_option("manifest", flags->manifests, "The campaign manifest (YAML); several: each by itself")
      ->type_name("FILE")
      ->required();
  flags->probe.add_to(*command, "Look at pictures and videos behind URLs too");
  std::map<std::string, ErrorFormat> const formats{
      {"text", ErrorFormat::as_text}, {"json", ErrorFormat::as_json}, {"github", ErrorFormat::as_github}};
  command
      ->add_option("--format", flags->format,
                   "How errors are told: text, json on stdout, or annotations of GitHub Actions")
      ->transform(CLI::CheckedTransformer(formats).description("{text,json,github}"));
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return validate(*flags); }; });
}

}  // namespace callsheet::cli
