#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

void add_validate(CLI::App& app, Globals& /*globals*/, Work& work) {
  struct ValidateOptions {
    std::filesystem::path manifest;
    CatalogFlags catalog;
  };
  auto flags = std::make_shared<ValidateOptions>();
  CLI::App* command = app.add_subcommand("validate", "Check a manifest, its data files and its pictures");
  command->add_option("manifest", flags->manifest, "The campaign manifest (YAML)")->required();
  flags->catalog.add_to(*command);
  command->callback([flags, &work] {
    work = [flags] {
      auto const script = read_script(flags->manifest, flags->catalog);
      if (!script) return script.error();
      std::size_t clips = 0;
      auto const terms = plan_script(*script, [&](plan::PlannedTask&&, std::size_t /*route*/) { ++clips; });
      if (!terms) return terms.error();
      say(fmt::format("{}: valid, {} clip{}\n", flags->manifest.string(), clips, clips == 1 ? "" : "s"));
      return ExitCode::done;
    };
  });
}

}  // namespace callsheet::cli
