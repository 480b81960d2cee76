#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/command_hint.hpp"
#include "orchestrator/cli/json_text.hpp"
#include "orchestrator/cli/past_run.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/verification.hpp"

#include <functional>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

struct VerifyOptions {
  std::string what;
  bool as_json = false;
};

class Findings {
 public:
  explicit Findings(bool as_json) : as_json_{as_json} {}

  /// What writes sidecars again, where one run is looked at.
  void set_report_command(std::string command) { report_command_ = std::move(command); }

  void add(FileFinding const& finding) {
    ++counts_[finding.state];
    if (finding.against == Witness::sidecar) ++by_sidecar_;
    if (as_json_)
      clips_.push_back({{"against", to_string(finding.against)},
                        {"detail", finding.detail},
                        {"file", finding.file.string()},
                        {"state", to_string(finding.state)}});
    else if (finding.state != FileState::whole)
      print(fmt::format("{:<16} {}: {}\n", to_string(finding.state), plain(finding.file.string()),
                        plain(finding.detail)));
  }

  /// A clip that nothing was recorded of is no harm to those that were.
  [[nodiscard]] bool harmed() const {
    for (auto const& [state, count] : counts_)
      if (state != FileState::whole && state != FileState::unhashed && state != FileState::foreign)
        return true;
    return false;
  }

  void conclude() {
    int all = 0;
    std::string text;
    nlohmann::json counts;
    for (auto const& [state, count] : counts_) {
      all += count;
      text += fmt::format(", {} {}", count, to_string(state));
      counts[std::string{to_string(state)}] = count;
    }
    if (as_json_)
      print(to_text({{"clips", std::move(clips_)}, {"counts", std::move(counts)}, {"whole", !harmed()}}));
    else
      print(fmt::format("{} clip{}{}\n", all, all == 1 ? "" : "s", text.empty() ? "" : ":" + text.substr(1)));
    if (by_sidecar_ > 0)
      say(fmt::format(
          "note: {} of them were held against their sidecars alone: this ledger does not know their runs\n",
          by_sidecar_));
    if (counts_.contains(FileState::sidecar_missing) || counts_.contains(FileState::sidecar_changed))
      say(fmt::format("mend: `{}` writes sidecars again from the ledger\n", report_command_));
    if (counts_.contains(FileState::changed) || counts_.contains(FileState::missing))
      say("mend: bring clips that are changed or missing back from a copy; the next `callsheet run` of their "
          "manifest buys them anew, at their price\n");
  }

 private:
  bool as_json_;
  std::map<FileState, int> counts_;
  int by_sidecar_ = 0;
  std::string report_command_ = "callsheet report RUN";
  nlohmann::json clips_ = nlohmann::json::array();
};

using Tell = std::function<void(FileFinding const&)>;

Result<void> verify_folder(Globals const& globals, std::filesystem::path const& folder, Tell const& tell) {
  auto const ledger = open_if_there(globals);
  if (!ledger) return fail(ledger.error());
  return Verification{ledger->get(), tell}.check_folder(folder);
}

Result<void> verify_run(Globals const& globals, std::string const& id, Findings& findings, Tell const& tell) {
  auto past = open_past_run(globals, id);
  if (!past) return fail(past.error());
  findings.set_report_command(command_hint(globals, {"report", past->reader.head().run.str()}));
  return Verification{past->ledger.get(), tell}.check_run(past->reader);
}

ExitCode verify(Globals const& globals, VerifyOptions const& flags) {
  std::error_code ignored;
  bool const folder = !flags.what.empty() && std::filesystem::is_directory(flags.what, ignored);
  Findings findings{flags.as_json};
  auto const tell = [&](FileFinding const& finding) { findings.add(finding); };
  Result<void> const done =
      folder ? verify_folder(globals, flags.what, tell) : verify_run(globals, flags.what, findings, tell);
  if (!done) return refuse(done.error());
  findings.conclude();
  return findings.harmed() ? ExitCode::failed : ExitCode::done;
}

}  // namespace

void add_verify(CLI::App& app, Globals& globals, Work& work) {
  auto flags = std::make_shared<VerifyOptions>();
  CLI::App* command = app.add_subcommand(
      "verify", "Whether clips and their sidecars are to the byte what was recorded when they were made");
  command->add_option("what", flags->what,
                      "A run, as `history` names it (default: the latest), or a folder of clips");
  command->add_flag("--json", flags->as_json, "JSON on stdout");
  command->callback(
      [flags, &globals, &work] { work = [flags, &globals] { return verify(globals, *flags); }; });
}

}  // namespace callsheet::cli
