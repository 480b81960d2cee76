#include "orchestrator/cli/plan_forecast.hpp"

#include "orchestrator/cli/campaign_run.hpp"
#include "orchestrator/report/amount_json.hpp"

#include <chrono>
#include <ctime>
#include <map>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace callsheet::cli {

namespace {

using namespace std::chrono_literals;
using forecast::Beliefs;
using nlohmann::json;

constexpr std::chrono::days looked_back{90};  // gateways change

/// What the ledger has seen of a gateway.
struct History {
  std::vector<ledger::DurationHistory> durations;
  std::vector<ledger::AttemptTally> attempts;
  bool idempotency = false;
};

Result<History> read_history(ledger::Ledger* ledger, std::string const& gateway, TimePoint since) {
  if (ledger == nullptr) return History{};
  auto durations = ledger->durations(gateway);
  if (!durations) return fail(durations.error());
  auto attempts = ledger->attempt_tallies(gateway, since);
  if (!attempts) return fail(attempts.error());
  auto const idempotency = ledger->idempotency_seen(gateway);
  if (!idempotency) return fail(idempotency.error());
  return History{*std::move(durations), *std::move(attempts), *idempotency};
}

/// gateway-api.md 5.1: `estimated_time` is 300 s in every example. The local gateway makes clips in seconds.
forecast::Assumptions assumptions_for(Distance distance) {
  if (distance == Distance::far) return {};
  return {.least = 1s, .most = 5s, .request = 2ms, .download = 10ms};
}

std::string seconds_text(Duration duration) {
  return fmt::format("{:g}", std::chrono::duration<double>(duration).count());
}

/// How many clips have the figure for their duration from where. Elements have no length.
std::map<Beliefs::Source, int> sources_of(Beliefs const& beliefs, forecast::Campaign const& campaign) {
  std::map<Beliefs::Source, int> sources;
  for (engine::PollKind const& kind : campaign.first_choices())
    if (kind.duration > 0s) ++sources[beliefs.source_of(kind)];
  return sources;
}

std::vector<std::string> what_was_seen(Beliefs const& beliefs, forecast::Campaign const& campaign,
                                       TimePoint since) {
  std::vector<std::string> lines;
  auto const sources = sources_of(beliefs, campaign);
  if (auto const found = sources.find(Beliefs::Source::kind); found != sources.end())
    lines.push_back(fmt::format("how long such clips took: {} of {} clips", found->second, campaign.clips()));
  if (auto const found = sources.find(Beliefs::Source::model); found != sources.end())
    lines.push_back(fmt::format("how long other clips of the model took: {} of {} clips", found->second,
                                campaign.clips()));
  std::set<ModelId> models;
  for (engine::PollKind const& kind : campaign.first_choices()) models.insert(kind.model);
  for (ModelId const& model : models)
    if (std::int64_t const seen = beliefs.attempts_of(model); seen > 0)
      lines.push_back(fmt::format("{}: {} attempts since {}, expect trouble in {:.1f} %", model.str(), seen,
                                  format_rfc3339(since).substr(0, 10), beliefs.trouble_percent(model)));
  return lines;
}

std::vector<std::string> what_is_assumed(Beliefs const& beliefs, forecast::Campaign const& campaign,
                                         Distance distance) {
  std::vector<std::string> lines;
  forecast::Assumptions const& assumed = beliefs.assumed();
  auto const sources = sources_of(beliefs, campaign);
  if (auto const found = sources.find(Beliefs::Source::assumed); found != sources.end())
    lines.push_back(
        fmt::format("{} to {} s a clip, where this ledger has seen none of the model: {} of {} clips{}",
                    seconds_text(assumed.least), seconds_text(assumed.most), found->second, campaign.clips(),
                    distance == Distance::far ? " (the gateway's manual names 300 s)" : ""));
  lines.push_back(fmt::format("{} % of attempts fail and are refunded; it weighs as much as {} attempts seen",
                              assumed.failing_percent, Beliefs::weight_of_assumption));
  lines.push_back(fmt::format("{} s a request, {} s a download, and no queue at the gateway",
                              seconds_text(assumed.request), seconds_text(assumed.download)));
  if (campaign.terms().budget.daily) lines.emplace_back("nothing of the daily cap is spent yet");
  return lines;
}

/// "15:42", and the date with it where that is not today's.
std::string wall_clock(TimePoint time, TimePoint now) {
  auto const local = [](TimePoint at) {
    std::time_t const seconds = std::chrono::system_clock::to_time_t(at);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    return parts;
  };
  std::tm const at = local(time);
  std::tm const today = local(now);
  bool const same_day = at.tm_yday == today.tm_yday && at.tm_year == today.tm_year;
  std::string const clock = fmt::format("{:02}:{:02}", at.tm_hour, at.tm_min);
  if (same_day) return clock;
  return fmt::format("{}-{:02}-{:02} {}", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, clock);
}

/// Nobody plans by tenths of a second what takes a minute.
std::string rounded(Duration duration) {
  if (duration < 1min) return format_duration(duration);
  return format_duration(std::chrono::round<std::chrono::seconds>(duration));
}

std::string percent(double share) {
  if (share > 0 && share < 0.01) return "less than 1 %";
  return fmt::format("{:.0f} %", share * 100);
}

}  // namespace

Result<PlanForecast> forecast_plan(ledger::Ledger* ledger, GatewaySite const& site,
                                   plan::PlanTerms const& terms, std::vector<plan::PlannedTask> const& tasks,
                                   std::optional<int> trials) {
  SystemClock const clock;
  TimePoint const now = clock.now();
  TimePoint const since = now - looked_back;
  auto const history = read_history(ledger, site.name, since);
  if (!history) return fail(history.error());
  forecast::Campaign const campaign{terms, tasks};
  Beliefs const beliefs{assumptions_for(site.distance), history->durations, history->attempts};
  engine::Settings settings = settings_of(terms, {});
  tune(settings, site.distance, site.profile);
  if (history->idempotency) settings.idempotency = Idempotency::honoured;
  auto const outlook = forecast::forecast({.campaign = campaign,
                                           .beliefs = beliefs,
                                           .durations = history->durations,
                                           .settings = settings,
                                           .gateway = site.name,
                                           .begin = now},
                                          trials.value_or(forecast::trials_for(campaign.size())));
  if (!outlook) return fail(outlook.error());
  return PlanForecast{.outlook = *outlook,
                      .from = now,
                      .cap = terms.budget.cap,
                      .usd_rate = terms.usd_rate,
                      .seen = what_was_seen(beliefs, campaign, since),
                      .assumed = what_is_assumed(beliefs, campaign, site.distance)};
}

std::string text_of(PlanForecast const& forecast) {
  forecast::Forecast const& outlook = forecast.outlook;
  std::string text = fmt::format("\nforecast, from {} simulated runs of the {} to make\n", outlook.trials,
                                 outlook.tasks == 1 ? "clip" : fmt::format("{} clips", outlook.tasks));
  std::string const half = wall_clock(forecast.from + outlook.finish.p50, forecast.from);
  std::string const late = wall_clock(forecast.from + outlook.finish.p95, forecast.from);
  text += fmt::format("  finish   P50 {}, P95 {} (about {})\n", rounded(outlook.finish.p50),
                      rounded(outlook.finish.p95), half == late ? half : half + " to " + late);
  text += fmt::format("  cost     P50 {} credits ({}), P95 {} ({})\n", to_string(outlook.cost.p50),
                      approximate_usd(outlook.cost.p50, forecast.usd_rate), to_string(outlook.cost.p95),
                      approximate_usd(outlook.cost.p95, forecast.usd_rate));
  text += fmt::format("  cap      {} credits: binds in {} of the runs\n", to_string(forecast.cap),
                      percent(outlook.cap_binds));
  text += fmt::format("  clips    P50 {}, P95 {} of {} made\n", outlook.clips.p50, outlook.clips.p95,
                      outlook.tasks);
  if (outlook.late > 0)
    text += fmt::format("  deadline leaves clips out in {} of the runs\n", percent(outlook.late));
  if (outlook.some_doubt > 0)
    text += fmt::format("  doubt    some of the cost is in doubt in {} of the runs\n",
                        percent(outlook.some_doubt));
  for (std::string const& line : forecast.seen)
    text += fmt::format("  {:<7}  {}\n", &line == &forecast.seen.front() ? "seen" : "", line);
  for (std::string const& line : forecast.assumed)
    text += fmt::format("  {:<7}  {}\n", &line == &forecast.assumed.front() ? "assumed" : "", line);
  return text;
}

json json_of(PlanForecast const& forecast) {
  forecast::Forecast const& outlook = forecast.outlook;
  auto const seconds = [](Duration duration) { return std::chrono::duration<double>(duration).count(); };
  return {{"trials", outlook.trials},
          {"clips_to_make", outlook.tasks},
          {"finish",
           {{"p50_s", seconds(outlook.finish.p50)},
            {"p95_s", seconds(outlook.finish.p95)},
            {"p50_at", format_rfc3339(forecast.from + outlook.finish.p50)},
            {"p95_at", format_rfc3339(forecast.from + outlook.finish.p95)}}},
          {"cost",
           {{"p50", report::amount_json(outlook.cost.p50)}, {"p95", report::amount_json(outlook.cost.p95)}}},
          {"cap", report::amount_json(forecast.cap)},
          {"cap_binds", outlook.cap_binds},
          {"deadline_binds", outlook.late},
          {"some_doubt", outlook.some_doubt},
          {"clips", {{"p50", outlook.clips.p50}, {"p95", outlook.clips.p95}}},
          {"seen", forecast.seen},
          {"assumed", forecast.assumed}};
}

}  // namespace callsheet::cli
