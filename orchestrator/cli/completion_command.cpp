#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/completion.hpp"
#include "orchestrator/cli/known_values.hpp"
#include "orchestrator/cli/man_page.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

void add_completion(CLI::App& app, Globals& /*globals*/, Work& work) {
  using Writer = std::string (*)(CommandTree const&);
  static std::map<std::string, Writer> const scripts{
      {"bash", bash_completion}, {"fish", fish_completion}, {"zsh", zsh_completion}};
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "Print the completion script of a shell: `source <(callsheet completion bash)`");
  command->add_option("shell", *shell, "Of which shell")->required()->check(CLI::IsMember(scripts));
  command->callback([shell, &app, &work] {
    work = [shell, &app] {
      print(scripts.at(*shell)(command_tree(app)));
      return ExitCode::done;
    };
  });
}

void add_completion_values(CLI::App& app, Globals& globals, Work& work) {
  struct Question {
    std::string kind;
    std::vector<std::string> words;
  };
  auto asked = std::make_shared<Question>();
  CLI::App* command =
      app.add_subcommand("completion-values", "For completion scripts: what is known, one a line");
  command->group("");  // not for people
  command->add_option("kind", asked->kind, "Of which kind")->required();
  command
      ->add_option("words", asked->words,
                   "What was typed so far, `callsheet` first: the parser needs one word after `--`")
      ->required()
      ->expected(1, -1);
  command->callback([asked, &globals, &work] {
    work = [asked, &globals] {
      for (KnownValue const& one : known_values(asked->kind, globals, asked->words))
        print(fmt::format("{}\t{}\n", one.value, one.meaning));
      return ExitCode::done;
    };
  });
}

void add_man(CLI::App& app, Globals& /*globals*/, Work& work) {
  CLI::App* command = app.add_subcommand("man", "Print the man page: `callsheet man | man -l -`");
  command->callback([&app, &work] {
    work = [&app] {
      print(man_page(command_tree(app), version));
      return ExitCode::done;
    };
  });
}

}  // namespace callsheet::cli
