#include "orchestrator/cli/preview.hpp"

#include "orchestrator/cli/begun_run.hpp"
#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/plan_writer.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/cli/terminal.hpp"
#include "orchestrator/cli/version.hpp"
#include "orchestrator/cli/whole_file.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/report/run_reader.hpp"
#include "orchestrator/report/storyboard.hpp"
#include "orchestrator/run/clip_files.hpp"
#include "orchestrator/run/recovery.hpp"

#include <limits>
#include <map>
#include <memory>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

namespace fs = std::filesystem;

/// More than any campaign costs: a preview is not to be short of what is not spent.
constexpr Credits no_cap = Credits::whole(1'000'000'000);

/// Ledger and gateway of the previews in that folder.
fs::path state_of(fs::path const& folder) {
  return folder / ".preview";
}

/// A ledger that no other process works with.
struct HeldLedger {
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<ledger::Lease> lease;
};

Result<HeldLedger> hold(fs::path const& file, std::string const& campaign) {
  auto ledger = ledger::open_sqlite_ledger(file, ledger::Access::read_write);
  if (!ledger) return fail(ledger.error());
  auto lease = (*ledger)->lease(campaign);
  if (!lease) return fail(lease.error());
  return HeldLedger{.ledger = *std::move(ledger), .lease = *std::move(lease)};
}

/// Removes what previews have drawn into `clips` and run `kept` has no use for, as long as it is what was
/// drawn.
Result<void> sweep(ledger::Ledger& ledger, fs::path const& clips, RunId const& kept) {
  std::set<std::string> of_use;
  std::map<std::string, ledger::ClipRecord> drawn;
  auto const runs = ledger.runs(std::numeric_limits<int>::max());
  if (!runs) return fail(runs.error());
  for (ledger::RunSummary const& run : *runs) {
    auto const read =
        ledger::for_each_task(ledger, run.id, [&](ledger::TaskRecord const& task) -> Result<void> {
          if (!task.clip) return {};
          if (run.id == kept) of_use.insert(task.clip->path);
          drawn.emplace(task.clip->path, *task.clip);
          return {};
        });
    if (!read) return fail(read.error());
  }
  for (auto const& [file, clip] : drawn) {
    std::error_code ignored;
    bool const here = fs::path{file}.lexically_relative(clips).begin()->string() != "..";
    if (here && !of_use.contains(file) && run::in_place(clip)) fs::remove(file, ignored);
  }
  return {};
}

/// Whether any of them has something at its gateway, or to fetch from there.
Result<bool> waits_for_its_gateway(ledger::Ledger& ledger, std::vector<ledger::RunSummary> const& runs) {
  for (ledger::RunSummary const& run : runs) {
    auto const pending = ledger.pending(run.id);
    if (!pending) return fail(pending.error());
    auto const under_way = (*pending)->with_money_out();
    if (!under_way) return fail(under_way.error());
    if (!under_way->empty()) return true;
  }
  return false;
}

/// What a preview that was killed had half drawn went with its gateway: its ledger is of no more use.
Result<HeldLedger> open_ledger(fs::path const& folder, std::string const& campaign) {
  fs::path const file = state_of(folder) / "ledger.db";
  auto held = hold(file, campaign);
  if (!held) return held;
  auto const unfinished = unfinished_runs(*held->ledger, campaign, GatewayProfile::embedded);
  if (!unfinished) return fail(unfinished.error());
  auto const lost_something = waits_for_its_gateway(*held->ledger, *unfinished);
  if (!lost_something) return fail(lost_something.error());
  if (!*lost_something) return held;
  if (auto swept = sweep(*held->ledger, folder / "clips", RunId{""}); !swept) return fail(swept.error());
  held->ledger.reset();
  for (char const* const part : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    fs::remove(file.string() + part, ignored);
  }
  held->lease.reset();
  return hold(file, campaign);
}

void lift_limits(plan::PlanTerms& terms, fs::path const& folder) {
  terms.output_dir = folder / "clips";
  terms.budget = Budget{.cap = no_cap, .per_task = {}, .daily = {}, .groups = {}};
  terms.limits.rate.reset();
  for (auto& [model, limits] : terms.limits.models) limits.rate.reset();
  terms.thresholds.clear();
  terms.webhooks.reset();
  terms.deadline.reset();
}

class Preview {
 public:
  Preview(Script const& script, fs::path const& folder) : script_{script}, folder_{folder} {}

  ExitCode run() {
    if (script_.output_dirs().contains(folder_ / "clips"))
      return refuse({.code = Code::usage,
                     .what = fmt::format("'{}' is where the campaign keeps the clips that it buys",
                                         (folder_ / "clips").string()),
                     .mend = "name another folder for the preview: --to FOLDER"});
    auto const held = open_ledger(folder_, script_.name());
    if (!held) return refuse(held.error());
    return draw(*held->ledger);
  }

 private:
  ExitCode draw(ledger::Ledger& ledger) {
    SystemClock const clock;
    RunId const id{"preview-" + random_hex(4)};
    PlanWriter writer{ledger,
                      {.id = id,
                       .campaign = script_.name(),
                       .gateway = GatewayProfile::embedded,
                       .nonce = random_hex(8),
                       .started = clock.now()}};
    if (auto begun = writer.begin(); !begun) return refuse(begun.error());
    auto terms = plan_script(script_, [&](plan::PlannedTask&& task, std::size_t route) {
      task.deadline.reset();
      writer.take(std::move(task), route);
    });
    if (!terms) return terms.error();
    if (auto written = writer.finish(); !written) return refuse(written.error());
    lift_limits(*terms, folder_);
    if (auto ready = run::prepare_output(terms->output_dir); !ready) return refuse(ready.error());
    if (auto told = ledger.works_on(id); !told) return refuse(told.error());
    if (auto started = ledger.start_run(id, plan::encode_terms(*terms), terms->budget); !started)
      return refuse(started.error());
    if (auto linked = link_reused(ledger, id, terms->output_dir); !linked) return refuse(linked.error());
    say(fmt::format("{}: {}, {} to draw\n", plain(script_.name()), count_of(writer.sums().clips, "clip"),
                    writer.sums().to_make));
    auto const ending = carry(ledger, id);
    if (!ending) return refuse(ending.error());
    return *ending == run::Ending::abandoned ? ExitCode::interrupted_twice : show_board(ledger, id);
  }

  Result<run::Ending> carry(ledger::Ledger& ledger, RunId const& id) {
    SystemClock const clock;
    auto run = run::open_run(ledger, id, clock.now());
    if (!run) return fail(run.error());
    local_gateway::Options options;
    options.state_dir = state_of(folder_) / "gateway";
    options.latency_scale = 0;
    options.balance = no_cap;
    auto gateway = embedded_gateway(std::move(options));
    if (!gateway) return fail(gateway.error());
    auto session = Session::open(*std::move(gateway), script_.catalog);
    if (!session) return fail(session.error());
    auto settings = settings_for(**session, ledger, run->terms, RunFlags{});
    if (!settings) return fail(settings.error());
    auto const progress = make_progress(
        {.cap = run->terms.budget.cap, .tasks = run->clips, .done = run->done, .is_preview = true},
        clock.now());
    auto const ending =
        (*session)->drive(ledger, *std::move(run), *std::move(settings), *progress, Session::Mode::all, {});
    if (!ending) return ending;
    if (auto ended = end_run(ledger, id, *ending, clock.now()); !ended) return fail(ended.error());
    return ending;
  }

  ExitCode show_board(ledger::Ledger& ledger, RunId const& id) {
    auto reader = report::RunReader::open(ledger, id, {.version = version});
    if (!reader) return refuse(reader.error());
    auto const model = reader->add_up();
    if (!model) return refuse(model.error());
    fs::path const page = folder_ / "storyboard.html";
    WholeFile file{page};
    file.sink()(report::storyboard(*model, "clips", script_.cap()));
    if (auto done = file.publish(); !done) return refuse(done.error());
    if (auto swept = sweep(ledger, folder_ / "clips", id); !swept) show(swept.error());
    for (report::Problem const& problem : model->problems)
      say(fmt::format("{}: {}\n", plain(problem.names.empty() ? "" : problem.names.front()),
                      plain(problem.why)));
    print(page.string() + "\n");
    return exit_code_of(*model);
  }

  Script const& script_;
  fs::path folder_;
};

}  // namespace

ExitCode preview(Script const& script, fs::path const& folder) {
  return Preview{script, folder}.run();
}

}  // namespace callsheet::cli
