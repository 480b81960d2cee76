#include "tests/sim/weather.hpp"

#include <fmt/format.h>

namespace callsheet::sim {

using namespace std::chrono_literals;

Weather draw_weather(Dice& dice) {
  Weather w;
  int const roughness = dice.pick(0, 3);  // 0: calm; 3: everything at once
  auto const maybe = [&](int most) {
    return roughness > 0 && dice.chance(20 + 20 * roughness) ? dice.pick(1, most) : 0;
  };
  w.latency = dice.between(5ms, 2s);
  w.not_sent = maybe(25);
  w.lost_requests = maybe(15);
  w.lost_answers = maybe(30);
  w.idempotent = dice.chance(50);
  w.announces = w.idempotent && dice.chance(50);
  if (w.idempotent) w.duplicates = maybe(20);
  w.tells_charge = dice.chance(60);
  w.refunds_failed = dice.chance(70);
  w.told_in = static_cast<ToldIn>(dice.pick(0, 3));
  w.price_off_percent = roughness > 1 && dice.chance(20) ? dice.pick(-30, 150) : 0;
  w.server_errors = maybe(15);
  w.unavailable = maybe(20);
  w.rate_limited = maybe(25);
  w.failing_tasks = maybe(30);
  w.stuck_tasks = maybe(8);
  w.refused_content = maybe(10);
  w.one_model_down = roughness > 0 && dice.chance(15);
  w.unknown_reads = maybe(10);
  w.storms = maybe(40);
  w.listing = static_cast<Listing>(dice.pick(0, 2));
  w.listing_lag = dice.between(0s, 20s);
  // A list is complete evidence only for whoever has the account alone.
  w.others_use_the_account = w.listing == Listing::none && dice.chance(30);
  w.callbacks = dice.chance(50) ? engine::Callbacks::expected : engine::Callbacks::none;
  w.lost_callbacks = maybe(50);
  w.forged_callbacks = maybe(30);
  w.failed_downloads = maybe(30);
  w.dead_links = maybe(15);
  w.foreign_files = maybe(20);
  w.failed_commits = maybe(3);
  w.commit_time = maybe(100) > 0 ? dice.between(1ms, 2s) : Duration{0};
  w.crashes = roughness > 0 && dice.chance(50) ? dice.pick(1, 5) : 0;
  w.clock_steps = w.crashes > 0 && dice.chance(20);
  w.stops = maybe(10);
  w.outages = maybe(60);
  w.wrong_clips = maybe(20);
  return w;
}

std::string Weather::text() const {
  return fmt::format(
      "network: not sent {} %, lost requests {} %, lost answers {} %, duplicates {} %, latency {}\n"
      "gateway: idempotent {} (announces {}), tells charge {}, refunds {}, told in {}, price off {} %, 5xx "
      "{} %, "
      "unavailable {} %, 429 {} %, failing {} %, stuck {} %, refused content {} %, wrong clips {} %, a model down {}, unknown "
      "reads {} %, "
      "storms {} %, listing {} (lag {}), others {}, rival {}, pauses {} %\n"
      "callbacks: {}, lost {} %, forged {} %\n"
      "machine: failed downloads {} %, dead links {} %, foreign files {} %, failed commits {} %, commits "
      "take {}, crashes {}, "
      "clock steps "
      "{}, stops {} %, outages {} %\n",
      not_sent, lost_requests, lost_answers, duplicates, format_duration(latency), idempotent, announces,
      tells_charge, refunds_failed, static_cast<int>(told_in), price_off_percent, server_errors, unavailable,
      rate_limited, failing_tasks, stuck_tasks, refused_content, wrong_clips, one_model_down, unknown_reads,
      storms, static_cast<int>(listing), format_duration(listing_lag), others_use_the_account, rival, pauses,
      callbacks == engine::Callbacks::expected ? "yes" : "no", lost_callbacks, forged_callbacks,
      failed_downloads, dead_links, foreign_files, failed_commits, format_duration(commit_time), crashes,
      clock_steps, stops, outages);
}

}  // namespace callsheet::sim
