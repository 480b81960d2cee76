#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/past_run.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/report/task_story.hpp"

#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

struct ExplainOptions {
  std::string task;
  std::string run;
  std::optional<int> take;
  bool as_json = false;
};

ExitCode explain(Globals const& globals, ExplainOptions const& flags) {
  auto past = open_past_run(globals, flags.run);
  if (!past) return refuse(past.error());
  report::RunReader& run = past->reader;
  auto stories = run.stories(flags.task);
  if (!stories) return refuse(stories.error());
  if (stories->empty())
    return refuse({.code = Code::not_found,
                   .what = fmt::format("run {} has no task '{}'", run.head().run.str(), plain(flags.task)),
                   .mend = "`callsheet status` shows its tasks; name another run with --run"});
  if (flags.take) std::erase_if(*stories, [&](auto const& story) { return story.clip.take != *flags.take; });
  if (stories->empty())
    return refuse({.code = Code::not_found,
                   .what = fmt::format("run {} has no take {} of '{}'", run.head().run.str(),
                                       flags.take.value_or(1), plain(flags.task)),
                   .mend = "leave --take out to see all of them"});
  if (flags.as_json) {
    nlohmann::json list = nlohmann::json::array();
    for (report::TaskStory const& story : *stories) list.push_back(report::story_json(run.head(), story));
    print(to_text(list));
    return ExitCode::done;
  }
  for (std::size_t i = 0; i < stories->size(); ++i)
    print((i == 0 ? "" : "\n") + report::story_text(run.head(), (*stories)[i]));
  return ExitCode::done;
}

}  // namespace

void add_explain(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<ExplainOptions>();
  CLI::App* command =
      app.add_subcommand("explain", "The whole story of a task: every choice, attempt and credit");
  command->add_option("task", flags->task, "The task's name")->type_name("TASK")->required();
  command->add_option("--run", flags->run, "The run, as `history` names it (default: the latest)")
      ->type_name("RUN");
  command->add_option("--take", flags->take, "Only this take")->check(CLI::Range(1, 1'000'000));
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return explain(globals, *flags); }; });
}

}  // namespace callsheet::cli
