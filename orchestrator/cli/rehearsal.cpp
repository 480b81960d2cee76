#include "orchestrator/cli/rehearsal.hpp"

#include "orchestrator/cli/command.hpp"
#include "orchestrator/cli/plan_writer.hpp"
#include "orchestrator/cli/session.hpp"
#include "orchestrator/core/digest.hpp"
#include "orchestrator/ledger/audit.hpp"
#include "orchestrator/ledger/each_task.hpp"
#include "orchestrator/ledger/sqlite_ledger.hpp"
#include "orchestrator/plan/plan_codec.hpp"
#include "orchestrator/run/clip_files.hpp"
#include "orchestrator/run/recovery.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;

constexpr Duration patience = 3s;  // with what is stuck: it would never end
constexpr Duration patience_in_outages = 15s;
constexpr Duration doubt_slot = 2s;   // a clip is made at once here
constexpr Duration leave_after = 5s;  // what can be brought home is home by then
constexpr std::chrono::milliseconds first_outage = 400ms;
/// Where the service is to be away in the middle of the work, work has to last: about a second a clip.
constexpr double latency_in_outages = 0.01;

/// Nobody looks at the single clips of a rehearsal: it keeps the most that was counted at one moment.
class PeakMeter final : public Progress {
 public:
  void on(run::News const& news, TimePoint /*now*/) override {
    if (auto const* money = std::get_if<run::MoneyMoved>(&news))
      peak_ = std::max(peak_, money->held + money->billed + money->refund_expected);
  }
  void tick(TimePoint /*now*/) override {}
  void show_state(engine::Engine const& /*engine*/, TimePoint /*now*/) override {}
  void close() override {}
  [[nodiscard]] Credits peak() const { return peak_; }

 private:
  Credits peak_;
};

/// Outages begin when the campaign is well under way, wherever the storm file has them.
void bring_forward(std::vector<local_gateway::Outage>& outages) {
  if (outages.empty()) return;
  auto const first = std::min_element(outages.begin(), outages.end(), [](auto const& a, auto const& b) {
                       return a.start < b.start;
                     })->start;
  for (auto& outage : outages) outage.start += first_outage - first;
}

local_gateway::Options gateway_options(Storm const& storm, RehearsalOptions const& options, Credits cap,
                                       std::filesystem::path const& folder) {
  local_gateway::Options gateway;
  gateway.state_dir = folder / "gateway";
  gateway.render = local_gateway::Render::fast;
  gateway.latency_scale = storm.faults.outages.empty() ? 0 : latency_in_outages;
  gateway.faults = storm.faults;
  if (!options.idempotency) gateway.faults.create.ignore_idempotency = 1;
  bring_forward(gateway.faults.outages);
  // The cap is to bind, not the account.
  gateway.balance = std::max(gateway.balance, cap * 2);
  return gateway;
}

void hurry(engine::Settings& settings, Storm const& storm) {
  bool const goes_away = !storm.faults.outages.empty();
  settings.patience = std::min(settings.patience, goes_away ? patience_in_outages : patience);
  settings.doubt_slot = doubt_slot;
  settings.limits.rate.reset();
  for (auto& [model, limits] : settings.limits.models) limits.rate.reset();
}

/// Writes the plan down as a run that has started.
tl::expected<plan::PlanTerms, ExitCode> write_plan(ledger::Ledger& ledger, Script const& script,
                                                   RunId const& id, std::filesystem::path const& folder) {
  auto const refused = [](Error const& error) { return tl::unexpected{refuse(error)}; };
  SystemClock const clock;
  PlanWriter writer{ledger,
                    {.id = id,
                     .campaign = script.name(),
                     .gateway = GatewayProfile::embedded,
                     .nonce = random_hex(8),
                     .started = clock.now()}};
  if (auto begun = writer.begin(); !begun) return refused(begun.error());
  auto terms = plan_script(
      script, [&](plan::PlannedTask&& task, std::size_t route) { writer.take(std::move(task), route); });
  if (!terms) return terms;
  if (auto written = writer.finish(); !written) return refused(written.error());
  terms->output_dir = folder / "out";
  terms->webhooks.reset();  // nobody calls this machine
  if (auto started = ledger.start_run(id, plan::encode_terms(*terms), terms->budget); !started)
    return refused(started.error());
  return terms;
}

std::vector<ledger::WitnessLine> lines_of(local_gateway::Bill const& bill) {
  std::vector<ledger::WitnessLine> lines;
  lines.reserve(bill.lines.size());
  for (local_gateway::BillLine const& line : bill.lines) {
    bool const ended =
        line.state == local_gateway::TaskState::completed || line.state == local_gateway::TaskState::failed;
    lines.push_back({.idempotency_key = line.idempotency_key,
                     .charged = line.charged,
                     .reserved = ended ? Credits{} : line.reserved,
                     .delivered = line.state == local_gateway::TaskState::completed});
  }
  return lines;
}

/// The ledger against the bill, and against itself.
Result<ledger::Testimony> hear(ledger::Ledger& ledger, ledger::RunSummary const& run,
                               local_gateway::Bill const& bill) {
  std::vector<ledger::BookedAttempt> booked;
  auto const read =
      ledger::for_each_task(ledger, run.id, [&](ledger::TaskRecord const& task) -> Result<void> {
        for (ledger::AttemptRecord const& attempt : task.attempts)
          booked.push_back({attempt.key, attempt.idempotency_key, attempt.balance});
        return {};
      });
  if (!read) return fail(read.error());
  ledger::Testimony testimony = ledger::compare(booked, lines_of(bill), run.cap);
  auto const entries = ledger.entries(run.id, std::nullopt);
  if (!entries) return fail(entries.error());
  auto const faults = ledger::audit_books(ledger, run, *entries);
  if (!faults) return fail(faults.error());
  for (ledger::BookFault const& fault : *faults)
    testimony.breaches.push_back("the report adds up: " + fault.what);
  return testimony;
}

std::uint64_t faults_in(std::vector<local_gateway::FaultCount> const& faults) {
  std::uint64_t sum = 0;
  for (auto const& fault : faults) sum += fault.count;
  return sum;
}

/// The run, once its plan is written down.
Result<Rehearsal> carry_through(ledger::Ledger& ledger, RunId const& id, Script const& script,
                                Storm const& storm, RehearsalOptions const& options,
                                std::filesystem::path const& folder) {
  SystemClock const clock;
  auto run = run::open_run(ledger, id, clock.now());
  if (!run) return fail(run.error());
  Rehearsal rehearsal{
      .storm = storm.name, .usd_rate = run->terms.usd_rate, .run = {}, .witness = {}, .peak = {}};
  if (auto ready = run::prepare_output(run->terms.output_dir); !ready) return fail(ready.error());
  auto gateway = embedded_gateway(gateway_options(storm, options, run->terms.budget.cap, folder));
  if (!gateway) return fail(gateway.error());
  auto session = Session::open(*std::move(gateway), script.catalog);
  if (!session) return fail(session.error());
  // Asked as `run` does; what the storm makes of the answer is the engine's to bear.
  static_cast<void>((*session)->balance());
  auto settings = settings_for(**session, ledger, run->terms, options.run);
  if (!settings) return fail(settings.error());
  hurry(*settings, storm);
  PeakMeter meter;
  TimePoint const begun = clock.now();
  auto const ending = (*session)->drive(
      ledger, *std::move(run), *std::move(settings), meter, Session::Mode::all,
      {.limit = Session::TimeLimit{.drain_after = options.limit, .leave_after = leave_after}});
  rehearsal.took = clock.now() - begun;
  rehearsal.interrupted = (*session)->interrupted();
  rehearsal.peak = meter.peak();
  if (!ending) return fail(ending.error());
  if (*ending == run::Ending::breached) rehearsal.unfinished.emplace_back("a threshold stopped it");
  if (rehearsal.interrupted) rehearsal.unfinished.emplace_back("interrupted");
  auto const summary = ledger.summary(id);
  if (!summary) return fail(summary.error());
  rehearsal.run = *summary;
  if (summary->late > 0) rehearsal.unfinished.emplace_back("a deadline left clips out");
  if (summary->outstanding > 0 && rehearsal.took >= options.limit)
    rehearsal.unfinished.push_back(fmt::format("cut short after {}", format_duration(options.limit)));
  local_gateway::Bill const bill = (*session)->choice().embedded->bill();
  rehearsal.faults = faults_in(bill.faults);
  auto testimony = hear(ledger, *summary, bill);
  if (!testimony) return fail(testimony.error());
  rehearsal.witness = *std::move(testimony);
  if (rehearsal.peak > summary->cap)
    rehearsal.witness.breaches.push_back(
        fmt::format("never above the cap: {} credits were billed and held at one moment, the cap is {}",
                    to_string(rehearsal.peak), to_string(summary->cap)));
  return rehearsal;
}

}  // namespace

tl::expected<Rehearsal, ExitCode> rehearse(Script const& script, Storm const& storm,
                                           RehearsalOptions const& options,
                                           std::filesystem::path const& folder) {
  auto ledger = ledger::open_sqlite_ledger(folder / "ledger.db", ledger::Access::read_write);
  if (!ledger) return tl::unexpected{refuse(ledger.error())};
  RunId const id{"rehearsal"};
  auto const terms = write_plan(**ledger, script, id, folder);
  if (!terms) return tl::unexpected{terms.error()};
  auto rehearsal = carry_through(**ledger, id, script, storm, options, folder);
  if (!rehearsal) return tl::unexpected{refuse(rehearsal.error())};
  return *std::move(rehearsal);
}

}  // namespace callsheet::cli
