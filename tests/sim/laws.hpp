#pragma once

#include "orchestrator/core/attempt.hpp"
#include "orchestrator/core/limits.hpp"
#include "orchestrator/ledger/book.hpp"
#include "orchestrator/ledger/record.hpp"
#include "tests/sim/gateway_model.hpp"
#include "tests/sim/sim_files.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace callsheet::sim {

/// Watches a simulated campaign from outside and keeps books of its own: from what was made durable, and from
/// what went over the wire. Every breach of a law of the design is noted with its time.
class Laws {
 public:
  struct Terms {
    Budget budget;
    Limits limits;
    std::optional<Rate> reads;
    bool prices_hold =
        true;  ///< the gateway's prices are the catalog's: else only what it was told can be held against it
    bool clock_is_set = false;  ///< windows across a restart cannot be measured
    bool idempotent = false;
    RefusedContent refused_content = RefusedContent::give_up;
    std::map<std::uint32_t, TimePoint> deadlines;  ///< by task
    std::set<std::uint32_t> elements = {};         ///< tasks that make one
  };
  Laws(run::VirtualTime const& time, GatewayModel const& model) : time_{time}, model_{model} {}

  void begin(Terms terms) { terms_ = std::move(terms); }

  // What happens, as it happens.
  void committed(ledger::Record const& record, ledger::Receipt const& receipt);
  void create_leaves(std::string const& model, std::string const& key);
  void create_over(std::string const& key);
  void id_given(std::string const& key,
                std::string const& id);  ///< an answer with it has reached the process
  void task_ended(GatewayModel::Task const& task);
  void poll_leaves(std::string const& id);
  void request_leaves();
  /// `in_flight`: tasks for which a request had been decided on when the pause began; empty: it is over.
  void paused(std::optional<int> in_flight) { may_leave_in_pause_ = in_flight; }
  void process_begins();
  void process_died();

  /// Money is out for that task, or its clip is made.
  [[nodiscard]] bool has(std::uint32_t task) const;

  /// Everything has been settled that can be.
  struct End {
    SimFiles const& files;
    std::map<std::uint32_t, std::string> prompts;  ///< by task
    ledger::Balance balance;                       ///< as the ledger has it
    bool charges_known = true;  ///< the gateway tells what it bills, or bills what the catalog says
    bool refunds_known = true;  ///< it tells of refunds
  };
  void ended(End const& end);

  void breach(std::string law);
  [[nodiscard]] std::vector<std::string> const& breaches() const { return breaches_; }

 private:
  struct Attempt {
    AttemptKey key;
    AttemptState state = AttemptState::submitting;
    std::string model;
    std::string id;
    Credits most, held, billed, refund_expected;
    GroupSet groups;
    std::int64_t day = 0;
    [[nodiscard]] Credits committed() const { return held + billed + refund_expected; }
  };
  void check_caps(Attempt const& changed);
  void check_bill(Attempt const& attempt);
  /// Law 3: what was paid for is there, and the right one.
  void check_made(Attempt const& attempt, End const& end);
  void check_intent(ledger::Intent const& intent);
  void note_refused_content(AttemptKey attempt, Failure const& failure);
  void note_price(Attempt const& attempt, Credits wanted, TimePoint at);
  void check_window(std::deque<TimePoint>& times, Rate const& rate, char const* what);

  run::VirtualTime const& time_;
  GatewayModel const& model_;
  Terms terms_;
  std::map<AttemptKey, std::string> key_of_;  ///< idempotency key by attempt
  std::map<std::string, Attempt> attempts_;   ///< by idempotency key
  Credits committed_;
  std::map<std::uint32_t, Credits> by_task_;
  std::map<std::uint16_t, Credits> by_group_;
  std::map<std::int64_t, Credits> by_day_;
  std::map<std::uint32_t, TaskOutcome> outcomes_;
  std::map<std::uint32_t, ledger::ClipRecord> clips_;
  std::map<std::uint32_t, std::string> elements_;  ///< ids that were kept, by task
  bool rest_ended_ = false;
  std::set<std::string> under_way_;  ///< keys: left, and neither refused nor over at the gateway
  std::set<std::string> left_;       ///< keys whose create request has left before
  std::map<std::string, std::string>
      unrecorded_;  ///< ids that an answer has named, and the keys of their requests
  std::map<std::uint32_t, std::set<std::string>> content_refused_by_;  ///< models, by task
  std::map<std::string, TimePoint>
      dearer_since_;         ///< models that wanted more than was held, by this process's clock
  TimePoint began_;          ///< this process
  std::int64_t firsts_ = 0;  ///< attempts of this process that are their tasks' first
  std::int64_t retries_ = 0;
  std::optional<int> may_leave_in_pause_;
  std::deque<TimePoint> creates_;
  std::map<std::string, std::deque<TimePoint>> creates_of_model_;
  std::deque<TimePoint> requests_;
  std::vector<std::string> breaches_;
};

}  // namespace callsheet::sim
