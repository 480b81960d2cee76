#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/reference.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/usage_error.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/manifest/suggest.hpp"

#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

using namespace callsheet;

/// Broken between entries, as help texts are not broken by anybody else.
std::string listed(std::string text, std::span<cli::reference::Entry const> entries, bool with_meaning) {
  constexpr std::size_t width = 110;
  std::size_t begins = 0;
  for (auto const& entry : entries) {
    std::string const one =
        fmt::format("{}{}{}{}", entry.name, with_meaning ? " " : "", with_meaning ? entry.meaning : "",
                    &entry == &entries.back() ? "." : ",");
    bool const fits = text.size() + 1 + one.size() - begins <= width;
    if (!fits) begins = text.size() + 1;
    text += (fits ? " " : "\n") + one;
  }
  return text;
}

std::vector<std::string> commands_of(CLI::App const& app) {
  std::vector<std::string> names;
  for (CLI::App const* const command : app.get_subcommands([](CLI::App const*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// The word in the command's place, if it is none.
std::optional<std::string> unknown_command(CLI::App const& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::string const word = argv[i];
    if (word == "--ledger") ++i;  // its value
    if (word.starts_with('-')) continue;
    auto const names = commands_of(app);
    if (std::find(names.begin(), names.end(), word) != names.end()) return std::nullopt;
    return word;
  }
  return std::nullopt;
}

int run_program(int argc, char** argv) {
  CLI::App app{"callsheet runs AI-video campaigns from YAML manifests, never above the budget", "callsheet"};
  app.set_version_flag("--version", std::string{"callsheet "} + cli::version);
  app.require_subcommand(1);
  app.footer(listed("Exit codes:", cli::reference::exit_codes, true) + "\n" +
             listed("Environment:", cli::reference::environment, false));
  cli::Globals globals;
  cli::Work work;
  app.add_option("--ledger", globals.ledger, "Ledger file (default: .callsheet/ledger.db, here or above)")
      ->type_name("FILE")
      ->envname("CALLSHEET_LEDGER");
  app.fallthrough();
  for (auto const add : {cli::add_init,     cli::add_validate,   cli::add_plan,
                         cli::add_diff,     cli::add_preview,    cli::add_run,
                         cli::add_rehearse, cli::add_resume,     cli::add_collect,
                         cli::add_serve,    cli::add_playground, cli::add_adopt,
                         cli::add_release,  cli::add_status,     cli::add_history,
                         cli::add_explain,  cli::add_dispute,    cli::add_audit,
                         cli::add_report,   cli::add_verify,     cli::add_review,
                         cli::add_retake,   cli::add_models,     cli::add_schema,
                         cli::add_gateway,  cli::add_completion, cli::add_completion_values,
                         cli::add_man})
    add(app, globals, work);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    if (auto const word = unknown_command(app, argc, argv)) {
      cli::show(Error{.code = Code::usage,
                      .what = fmt::format("there is no command `{}`", *word),
                      .mend = manifest::mend_with_choices(*word, commands_of(app))});
      return static_cast<int>(cli::ExitCode::usage);
    }
    if (e.get_exit_code() == 0) return app.exit(e);  // --help and --version
    cli::show(cli::usage_error(app, e));
    return static_cast<int>(cli::ExitCode::usage);
  }
  cli::ExitCode const code = work();
  std::string const lost = cli::stdout_failure();
  if (lost.empty()) return static_cast<int>(code);
  cli::show(Error{.code = Code::file_system, .what = fmt::format("cannot write to stdout: {}", lost)});
  return static_cast<int>(code == cli::ExitCode::done ? cli::ExitCode::internal : code);
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away (`callsheet plan | head`) is seen as a failed write, not as a deadly signal.
  std::signal(SIGPIPE, SIG_IGN);
  // Where whoever started us ignores it, the kernel would throw away how FFmpeg ended before it is asked for.
  std::signal(SIGCHLD, SIG_DFL);
  // A question that comes before a run is under way, or after it, is no reason to die.
  std::signal(SIGUSR1, [](int) {});
  try {
    return run_program(argc, argv);
  } catch (std::exception const& e) {
    cli::say(fmt::format("callsheet: a bug in callsheet: {}; what was recorded is safe\n", e.what()));
    return static_cast<int>(cli::ExitCode::internal);
  }
}
