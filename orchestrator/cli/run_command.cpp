#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/run_campaign.hpp"

#include <memory>

namespace callsheet::cli {

namespace {

void set_work(CLI::App& command, std::shared_ptr<RunOptions> const& flags, Globals& globals, Work& work) {
  command.callback([flags, &globals, &work] {
    work = [flags, &globals] {
      if (auto opened = flags->run.open_places(); !opened) return refuse(opened.error());
      return run_campaign(*flags, globals);
    };
  });
}

void add_shared_flags(CLI::App& command, RunOptions& flags) {
  command
      .add_option("-j,--in-flight", flags.run.in_flight,
                  "Tasks at the gateway at a time (default: the manifest's)")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--budget", flags.budget, "A smaller cap than the manifest's, in credits")
      ->type_name("CREDITS");
  command.add_option("--out", flags.output_dir, "Output folder instead of the manifest's")
      ->type_name("FOLDER");
  flags.run.add_outputs_to(command);
  command.add_flag("-y,--yes", flags.run.yes, "Do not ask before spending");
  flags.catalog.add_to(command);
}

}  // namespace

void add_retake(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<RunOptions>();
  flags->retakes = true;
  CLI::App* command = app.add_subcommand(
      "retake", "Make anew what a review has rejected, with its prompts, and nothing else");
  command
      ->add_option_function<std::filesystem::path>(
          "manifest", [flags = flags.get()](std::filesystem::path const& file) { flags->manifests = {file}; },
          "The campaign manifest (YAML)")
      ->type_name("FILE")
      ->required();
  command->add_option("--review", flags->review, "The review (default: review.json in the output folder)")
      ->type_name("FILE");
  CLI::Option* const dry_run =
      command->add_flag("--dry-run", flags->dry_run, "Only show what would be made, for how many credits");
  command->add_flag("--json", flags->as_json, "The same as JSON, as `plan --json` has it")->needs(dry_run);
  flags->gateway.add_to(*command, "Clips of the built-in local gateway: no key, no money");
  flags->probe.add_to(*command,
                      "Look at pictures and videos behind URLs first (the default, but for --local)");
  add_shared_flags(*command, *flags);
  set_work(*command, flags, globals, work);
}

void add_run(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<RunOptions>();
  CLI::App* command =
      app.add_subcommand("run", "Carry a campaign out; what is already made is not bought again");
  command
      ->add_option(
          "manifest", flags->manifests,
          "The campaign manifest (YAML), several for one run, or a plan that `plan --out` wrote (.json)")
      ->type_name("FILE")
      ->required();
  flags->gateway.add_to(*command, "Use the built-in local gateway: no key, no money, animatics for clips");
  flags->probe.add_to(*command,
                      "Look at pictures and videos behind URLs first (the default, but for --local)");
  flags->storm.add_to(*command)->needs(command->get_option("--local"));
  command->add_flag("--fit-budget", flags->fit,
                    "Where the cap is too small, choose what to make and at which quality of its ladder");
  flags->choice.add_to(*command);
  command->add_flag("--fresh", flags->fresh,
                    "Make every clip anew, also those that are made, but for those a review accepted");
  add_shared_flags(*command, *flags);
  set_work(*command, flags, globals, work);
}

}  // namespace callsheet::cli
