#pragma once

#include "orchestrator/core/time.hpp"
#include "tools/local_gateway/faults.hpp"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace callsheet::local_gateway {

enum class Fault {
  create_lose_request,
  create_rate_limit,
  create_error,
  create_refuse_content,
  create_ignore_idempotency,
  create_error_after_accept,
  create_lose_answer,
  create_truncate_answer,
  create_wrong_unit,
  create_no_price,
  create_delay_answer,
  reads_lose,
  reads_rate_limit,
  reads_error,
  tasks_stuck,
  tasks_refund_withheld,
  tasks_fail,
  tasks_hide_billing,
  downloads_dead,
  downloads_cut,
  downloads_broken,
  outage,
  // Behind the others: what is drawn hangs on a fault's place.
  clips_black,
  clips_frozen,
  clips_small,
  clips_short,
  clips_mute,
  clips_soundless,
  callbacks_lose,
  callbacks_twice,
};
inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(Fault::callbacks_twice) + 1;
/// As the bill and storm files name it: "create.lose_answer".
std::string_view to_string(Fault fault);

/// How a 429 tells when to come back.
enum class RetryAfter { seconds, date, absent };

/// What is wrong with one create request.
struct CreateDraw {
  std::optional<Fault> instead;  ///< happens in place of acting on the request
  bool ignore_idempotency = false;
  std::optional<Fault> price;   ///< the price in the answer
  std::optional<Fault> answer;  ///< the answer as a whole
  std::optional<Duration> delay;
};

/// What is wrong with one task.
struct TaskDraw {
  std::optional<Fault> fate;  ///< empty: it is made
  bool hide_billing = false;
  std::optional<Fault> flaw{};  ///< of its clip
};

/// Decides what goes wrong, by seed and by how many requests there have been, and counts what did. Nothing
/// that is drawn shifts what is drawn later. Belongs to the gateway's thread.
class FaultDraw {
 public:
  /// `faults` outlives it.
  FaultDraw(Faults const& faults, TimePoint started) : faults_{faults}, started_{started} {}

  [[nodiscard]] CreateDraw next_create();
  [[nodiscard]] std::optional<Fault> next_read();
  [[nodiscard]] std::optional<Fault> next_download();
  [[nodiscard]] std::optional<Fault> next_callback();
  /// `number` counts the account's tasks from 0; the same number always gets the same.
  [[nodiscard]] TaskDraw task(std::uint64_t number, bool with_sound) const;
  [[nodiscard]] bool is_out(TimePoint now) const;
  [[nodiscard]] RetryAfter next_retry_after();
  /// Bytes that are no clip.
  [[nodiscard]] std::string garbage() const;

  /// It happened.
  void count(Fault fault) { ++counts_.at(static_cast<std::size_t>(fault)); }
  [[nodiscard]] std::array<std::uint64_t, fault_kinds> const& counts() const { return counts_; }

 private:
  using Chance = std::pair<Fault, double>;
  /// The first that comes true for the request or task of that number.
  [[nodiscard]] std::optional<Fault> first(std::uint64_t number, std::initializer_list<Chance> chances) const;
  [[nodiscard]] bool hits(Fault fault, double probability, std::uint64_t number) const;

  Faults const& faults_;
  TimePoint started_;
  std::uint64_t creates_ = 0, reads_ = 0, downloads_ = 0, callbacks_ = 0, rate_limited_ = 0;
  std::array<std::uint64_t, fault_kinds> counts_{};
};

}  // namespace callsheet::local_gateway
