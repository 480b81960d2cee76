#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"

#include <memory>

#include <fmt/format.h>

namespace callsheet::cli {

void add_validate(CLI::App& app, Globals& /*globals*/, Work& work) {
  struct Flags {
    std::filesystem::path manifest;
    CatalogFlags catalog;
  };
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand("validate", "Check a manifest, its data files and its pictures");
  command->add_option("manifest", flags->manifest, "The campaign manifest (YAML)")->required();
  flags->catalog.add_to(*command);
  command->callback([flags, &work] {
    work = [flags] {
      auto const planned = plan_campaign(flags->manifest, flags->catalog);
      if (!planned) return planned.error();
      say(fmt::format("{}: valid, {} clip{}\n", flags->manifest.string(), planned->plan.tasks.size(),
                      planned->plan.tasks.size() == 1 ? "" : "s"));
      return ExitCode::done;
    };
  });
}

}  // namespace callsheet::cli
