#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

/// What goes wrong on purpose. Every figure is a probability from 0 (never) to 1 (always); where several
/// faults of one group come together, the one that stands first here happens.
namespace callsheet::local_gateway {

/// Of POST /v1/videos/generations. The first four come before the request is acted on, so that nothing is
/// made.
struct CreateFaults {
  double lose_request = 0;    ///< the connection closes
  double rate_limit = 0;      ///< 429, with Retry-After in seconds, as a date, or without it, in turn
  double error = 0;           ///< 500
  double refuse_content = 0;  ///< 400 content_policy_violation

  /// The key is not looked at: a replay makes and bills a second task. Where this is above 0 the gateway does
  /// not announce that it honours keys, for it does not.
  double ignore_idempotency = 0;

  // The task is made, or found by its key, and billed all the same.
  double error_after_accept = 0;  ///< 500
  double lose_answer = 0;         ///< the connection closes
  double truncate_answer = 0;     ///< half of the answer, then the connection closes
  double wrong_unit = 0;          ///< credits_reserved in the other unit: UC for credits, credits for UC
  double no_price = 0;            ///< no credits_reserved

  double delay_answer = 0;  ///< the answer comes `delay` late, whatever it is
  std::chrono::milliseconds delay{300};
};

/// Of the questions about tasks: one, several, the list.
struct ReadFaults {
  double lose = 0;        ///< the connection closes
  double rate_limit = 0;  ///< 429, as for creates
  double error = 0;       ///< 500
};

/// Drawn once for each task.
struct TaskFaults {
  double stuck = 0;            ///< runs for ever, its price reserved
  double refund_withheld = 0;  ///< fails and is billed
  double fail = 0;             ///< fails and is refunded
  double hide_billing = 0;     ///< its answers say nothing about the bill, as EvoLink's manual has it
};

/// Drawn once for each task that is made: it is billed, and its clip is not what was ordered.
struct ClipFaults {
  double black = 0;            ///< nothing to see
  double frozen = 0;           ///< one picture throughout
  double small = 0;            ///< half as wide and as high
  double short_of_length = 0;  ///< half as long
  double mute = 0;             ///< a sound track without a sound, where sound was ordered
  double soundless = 0;        ///< no sound track, where sound was ordered
};

/// Of the links of finished clips, each time they are opened.
struct DownloadFaults {
  double dead = 0;    ///< 404
  double cut = 0;     ///< half of the bytes, then the connection closes
  double broken = 0;  ///< bytes that are no clip
};

/// Of the news that a task has ended, where it was asked for.
struct CallbackFaults {
  double lose = 0;   ///< nobody is called
  double twice = 0;  ///< the same call, once more
};

/// Everything but the bill (GET /audit) answers 503.
struct Outage {
  std::chrono::milliseconds start{0};  ///< since the gateway was started
  std::chrono::milliseconds length{0};
};

/// The same seed gives the same faults to the n-th request of each group, whatever other groups do meanwhile.
struct Faults {
  std::uint64_t seed = 1;
  CreateFaults create;
  ReadFaults reads;
  TaskFaults tasks;
  ClipFaults clips;
  DownloadFaults downloads;
  CallbackFaults callbacks;
  std::vector<Outage> outages;
};

}  // namespace callsheet::local_gateway
