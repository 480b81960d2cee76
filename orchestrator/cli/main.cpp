#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"

#include <csignal>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

using namespace callsheet;

constexpr char const* footer =
    "Exit codes: 0 all done, 1 internal, 2 usage or invalid manifest, 3 budget bound the run, 4 nothing to "
    "run,\n"
    "5 work outstanding (resumable), 6 spend in doubt, 99 a threshold was not kept, 100 some tasks failed,\n"
    "130 interrupted twice.\n"
    "Environment: EVOLINK_API_KEY (or EVOLINK_API_KEY_FILE), EVOLINK_BASE_URL, EVOLINK_FILES_URL, "
    "CALLSHEET_LEDGER,\n"
    "CALLSHEET_CATALOG, CALLSHEET_PRICES, SSL_CERT_FILE, NO_COLOR, CI.";

int run_program(int argc, char** argv) {
  CLI::App app{"callsheet runs AI-video campaigns from YAML manifests, never above the budget", "callsheet"};
  app.set_version_flag("--version", std::string{"callsheet "} + cli::version);
  app.require_subcommand(1);
  app.footer(footer);
  cli::Globals globals;
  cli::Work work;
  app.add_option("--ledger", globals.ledger, "Ledger file (default: .callsheet/ledger.db, here or above)")
      ->envname("CALLSHEET_LEDGER");
  app.fallthrough();
  for (auto const add :
       {cli::add_validate, cli::add_plan, cli::add_run, cli::add_rehearse, cli::add_resume, cli::add_collect,
        cli::add_adopt, cli::add_release, cli::add_status, cli::add_history, cli::add_explain, cli::add_audit,
        cli::add_report, cli::add_models, cli::add_gateway})
    add(app, globals, work);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& e) {
    int const code = app.exit(e);
    return code == 0 ? 0 : static_cast<int>(cli::ExitCode::usage);
  }
  return static_cast<int>(work());
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away (`callsheet plan | head`) is seen as a failed write, not as a deadly signal.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run_program(argc, argv);
  } catch (std::exception const& e) {
    cli::say(fmt::format("callsheet: a bug in callsheet: {}; what was recorded is safe\n", e.what()));
    return static_cast<int>(cli::ExitCode::internal);
  }
}
