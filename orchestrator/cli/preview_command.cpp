#include "orchestrator/cli/campaign_plan.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/preview.hpp"

#include <memory>

namespace callsheet::cli {

namespace {

struct PreviewOptions {
  std::filesystem::path manifest;
  std::filesystem::path folder;
  CatalogFlags catalog;
  ChoiceFlags choice;
};

/// Beside the folder that the campaign's own clips will be in.
std::filesystem::path folder_beside(std::filesystem::path output_dir) {
  output_dir = std::filesystem::absolute(output_dir).lexically_normal();
  if (!output_dir.has_filename()) output_dir = output_dir.parent_path();
  return output_dir.parent_path() / (output_dir.filename().string() + "-preview");
}

ExitCode preview_campaign(PreviewOptions const& flags) {
  auto const choice = plan::TaskChoice::parse(flags.choice.words);
  if (!choice) return refuse(choice.error());
  auto script = read_script({flags.manifest}, flags.catalog);
  if (!script) return script.error();
  script->choice = *choice;
  return preview(*script, flags.folder.empty() ? folder_beside(script->campaigns.front().output_dir)
                                               : std::filesystem::absolute(flags.folder));
}

}  // namespace

void add_preview(CLI::App& app, Globals& /*globals*/, Work& work) {
  auto flags = std::make_shared<PreviewOptions>();
  CLI::App* command = app.add_subcommand(
      "preview", "Draw every clip as an animatic and show them as a storyboard: no key, no money");
  command->add_option("manifest", flags->manifest, "The campaign manifest (YAML)")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--to", flags->folder,
                   "Folder of the preview (default: the output folder's name with -preview)")
      ->type_name("FOLDER");
  flags->choice.add_to(*command);
  flags->catalog.add_to(*command);
  command->callback([flags, &work] { work = [flags] { return preview_campaign(*flags); }; });
}

}  // namespace callsheet::cli
