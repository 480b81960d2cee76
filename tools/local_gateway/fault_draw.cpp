#include "tools/local_gateway/fault_draw.hpp"

#include <algorithm>

namespace callsheet::local_gateway {

namespace {

constexpr std::size_t garbage_bytes = 20'000;

constexpr std::array<std::string_view, fault_kinds> fault_names{"create.lose_request",
                                                                "create.rate_limit",
                                                                "create.error",
                                                                "create.refuse_content",
                                                                "create.ignore_idempotency",
                                                                "create.error_after_accept",
                                                                "create.lose_answer",
                                                                "create.truncate_answer",
                                                                "create.wrong_unit",
                                                                "create.no_price",
                                                                "create.delay_answer",
                                                                "reads.lose",
                                                                "reads.rate_limit",
                                                                "reads.error",
                                                                "tasks.stuck",
                                                                "tasks.refund_withheld",
                                                                "tasks.fail",
                                                                "tasks.hide_billing",
                                                                "downloads.dead",
                                                                "downloads.cut",
                                                                "downloads.broken",
                                                                "outage",
                                                                "clips.black",
                                                                "clips.frozen",
                                                                "clips.small",
                                                                "clips.short",
                                                                "clips.mute",
                                                                "clips.soundless",
                                                                "callbacks.lose",
                                                                "callbacks.twice"};

/// SplitMix64: every bit of the answer hangs on every bit of `value`.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

}  // namespace

std::string_view to_string(Fault fault) {
  return fault_names.at(static_cast<std::size_t>(fault));
}

bool FaultDraw::hits(Fault fault, double probability, std::uint64_t number) const {
  if (probability <= 0) return false;
  std::uint64_t const drawn = mixed(mixed(mixed(faults_.seed) ^ static_cast<std::uint64_t>(fault)) ^ number);
  constexpr double two_to_53 = 9007199254740992.0;
  return static_cast<double>(drawn >> 11) / two_to_53 < probability;
}

std::optional<Fault> FaultDraw::first(std::uint64_t number, std::initializer_list<Chance> chances) const {
  for (auto const& [fault, probability] : chances)
    if (hits(fault, probability, number)) return fault;
  return std::nullopt;
}

CreateDraw FaultDraw::next_create() {
  std::uint64_t const number = creates_++;
  CreateFaults const& chance = faults_.create;
  CreateDraw draw;
  draw.instead = first(number, {{Fault::create_lose_request, chance.lose_request},
                                {Fault::create_rate_limit, chance.rate_limit},
                                {Fault::create_error, chance.error},
                                {Fault::create_refuse_content, chance.refuse_content}});
  draw.ignore_idempotency = hits(Fault::create_ignore_idempotency, chance.ignore_idempotency, number);
  draw.answer = first(number, {{Fault::create_error_after_accept, chance.error_after_accept},
                               {Fault::create_lose_answer, chance.lose_answer},
                               {Fault::create_truncate_answer, chance.truncate_answer}});
  draw.price = first(
      number, {{Fault::create_wrong_unit, chance.wrong_unit}, {Fault::create_no_price, chance.no_price}});
  if (hits(Fault::create_delay_answer, chance.delay_answer, number)) draw.delay = chance.delay;
  return draw;
}

std::optional<Fault> FaultDraw::next_read() {
  ReadFaults const& chance = faults_.reads;
  return first(reads_++, {{Fault::reads_lose, chance.lose},
                          {Fault::reads_rate_limit, chance.rate_limit},
                          {Fault::reads_error, chance.error}});
}

std::optional<Fault> FaultDraw::next_download() {
  DownloadFaults const& chance = faults_.downloads;
  return first(downloads_++, {{Fault::downloads_dead, chance.dead},
                              {Fault::downloads_cut, chance.cut},
                              {Fault::downloads_broken, chance.broken}});
}

std::optional<Fault> FaultDraw::next_callback() {
  CallbackFaults const& chance = faults_.callbacks;
  return first(callbacks_++, {{Fault::callbacks_lose, chance.lose}, {Fault::callbacks_twice, chance.twice}});
}

TaskDraw FaultDraw::task(std::uint64_t number, bool with_sound) const {
  TaskFaults const& chance = faults_.tasks;
  ClipFaults const& clip = faults_.clips;
  double const sounds = with_sound ? 1 : 0;
  return {.fate = first(number, {{Fault::tasks_stuck, chance.stuck},
                                 {Fault::tasks_refund_withheld, chance.refund_withheld},
                                 {Fault::tasks_fail, chance.fail}}),
          .hide_billing = hits(Fault::tasks_hide_billing, chance.hide_billing, number),
          .flaw = first(number, {{Fault::clips_black, clip.black},
                                 {Fault::clips_frozen, clip.frozen},
                                 {Fault::clips_small, clip.small},
                                 {Fault::clips_short, clip.short_of_length},
                                 {Fault::clips_mute, clip.mute * sounds},
                                 {Fault::clips_soundless, clip.soundless * sounds}})};
}

bool FaultDraw::is_out(TimePoint now) const {
  Duration const since = now - started_;
  return std::any_of(faults_.outages.begin(), faults_.outages.end(), [&](Outage const& outage) {
    return since >= outage.start && since < outage.start + outage.length;
  });
}

RetryAfter FaultDraw::next_retry_after() {
  return static_cast<RetryAfter>(rate_limited_++ % 3);
}

std::string FaultDraw::garbage() const {
  std::string bytes(garbage_bytes, '\0');
  std::uint64_t state = faults_.seed;
  for (char& byte : bytes) {
    state = mixed(state);
    byte = static_cast<char>(state & 0xFF);
  }
  return bytes;
}

}  // namespace callsheet::local_gateway
