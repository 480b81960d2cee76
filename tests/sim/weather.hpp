#pragma once

#include "orchestrator/core/time.hpp"
#include "orchestrator/engine/random.hpp"
#include "orchestrator/engine/settings.hpp"

#include <cstdint>
#include <string>

namespace callsheet::sim {

/// Chance in per cent, drawn from one source so that a seed replays everything.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{seed} {}
  [[nodiscard]] bool chance(int percent) { return percent > 0 && random_.between(1, 100) <= percent; }
  [[nodiscard]] int pick(int least, int most) { return static_cast<int>(random_.between(least, most)); }
  [[nodiscard]] Duration between(Duration least, Duration most) {
    return Duration{random_.between(least.count(), most.count())};
  }

 private:
  engine::Random random_;
};

/// In which unit the gateway tells what it reserved (gateway-api.md section 6).
enum class ToldIn { credits, units, nothing, nonsense };

/// What a simulated campaign meets: drawn from its seed. Chances are per cent of the requests they are about.
struct Weather {
  // The network.
  int not_sent = 0;       ///< the connection fails before anything is sent
  int lost_requests = 0;  ///< every byte left and none arrived
  int lost_answers = 0;   ///< arrived, was acted on, and the answer is lost
  int duplicates =
      0;  ///< a create request that some box on the way sends a second time; only where keys are honoured
  Duration latency{0};  ///< up to

  // The gateway.
  bool idempotent = false;     ///< honours Idempotency-Key
  bool announces = false;      ///< and says so before it is ever needed
  bool tells_charge = true;    ///< `billing` in the answers of ended tasks
  bool refunds_failed = true;  ///< what failed is given back
  ToldIn told_in = ToldIn::units;
  int price_off_percent = 0;  ///< of one model: dearer (or cheaper) than the catalog says
  int server_errors = 0;      ///< 500 after a create: taken or not
  int unavailable = 0;        ///< 503 model_unavailable
  int rate_limited = 0;       ///< 429 out of the blue, with or without Retry-After
  int failing_tasks = 0;      ///< taken, then failed
  int stuck_tasks = 0;        ///< taken, and running for hours
  int refused_content = 0;
  bool one_model_down = false;
  int wrong_clips = 0;    ///< made and billed, and not what was ordered
  int unknown_reads = 0;  ///< a read is answered with 404 although the task is there
  int storms = 0;         ///< chance an hour of a minute in which everything is answered with 429
  Listing listing = Listing::none;
  Duration listing_lag{0};  ///< tasks appear in the list so late
  bool others_use_the_account = false;
  bool rival = false;  ///< another campaign of this ledger wants some of the same clips

  // Callbacks.
  engine::Callbacks callbacks = engine::Callbacks::none;
  int lost_callbacks = 0;
  int forged_callbacks = 0;

  // This machine.
  int failed_downloads = 0;
  int dead_links = 0;
  int foreign_files = 0;     ///< somebody else's file stands where a clip should go
  int failed_commits = 0;    ///< the ledger's disk is full for a while
  Duration commit_time{0};   ///< a commit takes up to
  int crashes = 0;           ///< processes killed, at any packet or any ledger write
  bool clock_steps = false;  ///< the clock is set between two processes
  int stops = 0;             ///< chance that somebody presses Ctrl-C
  int pauses = 0;            ///< chance that somebody pauses the run, for minutes
  int outages = 0;           ///< chance an hour of minutes in which nothing gets through

  [[nodiscard]] std::string text() const;
};

/// The same seed draws the same weather. Most seeds have a few kinds of trouble, some have all, some none.
[[nodiscard]] Weather draw_weather(Dice& dice);

}  // namespace callsheet::sim
