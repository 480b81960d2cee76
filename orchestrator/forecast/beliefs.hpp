#pragma once

#include "orchestrator/core/failure.hpp"
#include "orchestrator/engine/engine.hpp"
#include "orchestrator/engine/random.hpp"
#include "orchestrator/forecast/duration_draw.hpp"
#include "orchestrator/ledger/ledger.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

// forecast/ says how a campaign will probably go: the real engine and driver on virtual time, many times
// over. It knows no catalog, network or terminal; what it believes of a gateway comes from the ledger, or is
// said to be assumed.
namespace callsheet::forecast {

/// What comes of one create request.
struct Fate {
  enum class Kind {
    made,
    failed,   ///< taken, then failed
    refused,  ///< not taken
    doubted,  ///< nobody answers
  };
  Kind kind = Kind::made;
  FailureKind failure = FailureKind::temporary;
  bool charged = false;  ///< failed: and billed all the same
};

/// What is believed where the ledger has seen too little, or nothing.
struct Assumptions {
  Duration least{std::chrono::seconds{150}}, most{std::chrono::seconds{450}};  ///< for a clip, evenly between
  int failing_percent = 3;                                                     ///< of the attempts; refunded
  Duration request{std::chrono::milliseconds{300}};
  Duration download{std::chrono::seconds{2}};
};

/// How a gateway will behave, from what the ledger has seen of it.
class Beliefs {
 public:
  Beliefs(Assumptions assumed, std::vector<ledger::DurationHistory> const& durations,
          std::vector<ledger::AttemptTally> const& attempts);

  /// Where the figure for a kind of clip comes from.
  enum class Source {
    kind,     ///< clips of that very kind
    model,    ///< other clips of the model
    assumed,  ///< nothing was seen
  };
  [[nodiscard]] Source source_of(engine::PollKind const& kind) const;
  /// Ended attempts of that model that the ledger has seen.
  [[nodiscard]] std::int64_t attempts_of(ModelId const& model) const;
  /// In per cent of its attempts: what is believed, seen and assumed together.
  [[nodiscard]] double trouble_percent(ModelId const& model) const;
  [[nodiscard]] Assumptions const& assumed() const { return assumed_; }

  [[nodiscard]] Duration draw_duration(engine::PollKind const& kind, engine::Random& random) const;
  [[nodiscard]] Fate draw_fate(ModelId const& model, engine::Random& random) const;

  /// What is assumed about failures weighs as much as so many attempts.
  static constexpr std::int64_t weight_of_assumption = 20;

 private:
  struct Outcomes {
    std::int64_t seen = 0;
    std::vector<std::pair<Fate, std::int64_t>> weights;  ///< in per cent of an attempt
  };
  [[nodiscard]] Outcomes const& outcomes_of(ModelId const& model) const;

  Assumptions assumed_;
  DurationDraw assumed_duration_;
  std::map<engine::PollKind, DurationDraw> by_kind_;
  std::map<ModelId, DurationDraw> by_model_;
  std::map<ModelId, Outcomes> outcomes_;
  Outcomes unseen_;
};

}  // namespace callsheet::forecast
