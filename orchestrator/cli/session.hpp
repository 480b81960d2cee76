#pragma once

#include "orchestrator/catalog/catalog.hpp"
#include "orchestrator/cli/companion.hpp"
#include "orchestrator/cli/gateway_choice.hpp"
#include "orchestrator/cli/progress.hpp"
#include "orchestrator/core/time.hpp"
#include "orchestrator/http/client.hpp"
#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/media/clip_look.hpp"
#include "orchestrator/run/driver.hpp"

#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace callsheet::cli {

/// The process's side of a gateway: the io_context, the HTTP client, and what runs on them.
class Session {
 public:
  /// `catalog` outlives it. Fails when the system's certificates cannot be loaded.
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(GatewayChoice choice,
                                                             catalog::Catalog const& catalog);

  /// Asks for the balance: shows at once a key or an address that does not work. Blocks.
  [[nodiscard]] Result<gateway::Balance> balance();
  /// The same, with the time, as the ledger keeps it.
  [[nodiscard]] Result<ledger::BalanceSeen> balance_seen();
  /// Reads one task. Blocks.
  [[nodiscard]] tl::expected<gateway::TaskView, Failure> query(GatewayTaskId const& id, Credits expected);

  enum class Mode {
    all,      ///< carry the run out
    collect,  ///< submit nothing, bring home what is paid for
  };
  /// Real time that a run may take before it is drained, and then before it is left.
  struct TimeLimit {
    Duration drain_after{0};
    Duration leave_after{0};  ///< since the draining began
  };
  /// What else a run may be driven with.
  struct Extras {
    std::optional<TimeLimit> limit = {};
    Companion* companion = nullptr;
    media::Drawing drawing = media::Drawing::none;  ///< of stills, for who takes them
  };
  /// Carries a run to its end. The first SIGINT, SIGTERM or SIGHUP drains, the second leaves;
  /// SIGUSR1 has `progress` show how it stands. Fails as the companion does, too.
  [[nodiscard]] Result<run::Ending> drive(ledger::Ledger& ledger, run::RunState run,
                                          engine::Settings settings, Progress& progress, Mode mode,
                                          Extras extras);
  /// While it lives, a signal that comes between two drives is not deadly: it drains the next one, and
  /// interrupted() tells of it at once. For whoever drives several runs one after the other.
  class Watch {
   public:
    explicit Watch(Session& session);
    ~Watch();
    Watch(Watch const&) = delete;
    Watch& operator=(Watch const&) = delete;

   private:
    Session& session_;
  };
  /// Whether somebody has stopped what was driven, or a signal has come since under a Watch.
  [[nodiscard]] bool interrupted();

  [[nodiscard]] bool idempotency_seen() const { return gateway_->idempotency_seen(); }
  [[nodiscard]] GatewayChoice const& choice() const { return choice_; }
  [[nodiscard]] Clock const& clock() const { return clock_; }

 private:
  explicit Session(GatewayChoice choice) : choice_{std::move(choice)} {}
  /// Runs one question to the gateway to its end.
  template <class Answer>
  [[nodiscard]] Answer wait_for(boost::asio::awaitable<Answer> question);

  boost::asio::io_context io_{1};
  SystemClock clock_;
  GatewayChoice choice_;
  std::unique_ptr<http::Client> client_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::optional<boost::asio::signal_set> watched_;  ///< for as long as a Watch lives
  bool interrupted_ = false;
};

}  // namespace callsheet::cli
