#pragma once

#include "orchestrator/cli/exit_code.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include <CLI/App.hpp>

// cli/ is what people type and see: one file a command. Nothing includes it, and only it names concrete
// classes of several folders.
namespace callsheet::cli {

/// What all commands share.
struct Globals {
  std::filesystem::path ledger;  ///< --ledger or CALLSHEET_LEDGER; empty: looked for
};

/// What parsing decided to do; empty when --help was printed.
using Work = std::function<ExitCode()>;

// Each adds its subcommand and, when it is the one that was typed, sets `work`.
void add_validate(CLI::App& app, Globals& globals, Work& work);
void add_plan(CLI::App& app, Globals& globals, Work& work);
void add_diff(CLI::App& app, Globals& globals, Work& work);
void add_dispute(CLI::App& app, Globals& globals, Work& work);
void add_run(CLI::App& app, Globals& globals, Work& work);
void add_retake(CLI::App& app, Globals& globals, Work& work);
void add_review(CLI::App& app, Globals& globals, Work& work);
void add_preview(CLI::App& app, Globals& globals, Work& work);
void add_rehearse(CLI::App& app, Globals& globals, Work& work);
void add_playground(CLI::App& app, Globals& globals, Work& work);
void add_serve(CLI::App& app, Globals& globals, Work& work);
void add_resume(CLI::App& app, Globals& globals, Work& work);
void add_collect(CLI::App& app, Globals& globals, Work& work);
void add_adopt(CLI::App& app, Globals& globals, Work& work);
void add_release(CLI::App& app, Globals& globals, Work& work);
void add_status(CLI::App& app, Globals& globals, Work& work);
void add_history(CLI::App& app, Globals& globals, Work& work);
void add_explain(CLI::App& app, Globals& globals, Work& work);
void add_audit(CLI::App& app, Globals& globals, Work& work);
void add_report(CLI::App& app, Globals& globals, Work& work);
void add_verify(CLI::App& app, Globals& globals, Work& work);
void add_init(CLI::App& app, Globals& globals, Work& work);
void add_schema(CLI::App& app, Globals& globals, Work& work);
void add_models(CLI::App& app, Globals& globals, Work& work);
void add_gateway(CLI::App& app, Globals& globals, Work& work);
void add_completion(CLI::App& app, Globals& globals, Work& work);
void add_completion_values(CLI::App& app, Globals& globals, Work& work);
void add_man(CLI::App& app, Globals& globals, Work& work);

/// The ledger file: --ledger, else .callsheet/ledger.db in this folder or the nearest above that has one,
/// else in this folder (where it may not exist yet).
[[nodiscard]] std::filesystem::path ledger_path(Globals const& globals);

/// Opens it for the commands that only read.
[[nodiscard]] Result<std::unique_ptr<ledger::Ledger>> open_for_reading(Globals const& globals);

/// The same; null where there is no ledger yet.
[[nodiscard]] Result<std::unique_ptr<ledger::Ledger>> open_if_there(Globals const& globals);

/// `id`, or the newest run when it is empty. Fails with Code::not_found.
[[nodiscard]] Result<RunId> choose_run(ledger::Ledger& ledger, std::string const& id);

/// Shows the error and gives the exit code that goes with it.
[[nodiscard]] ExitCode refuse(Error const& error);

}  // namespace callsheet::cli
