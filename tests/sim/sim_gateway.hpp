#pragma once

#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/run/late_answer.hpp"
#include "orchestrator/run/virtual_time.hpp"
#include "tests/sim/gateway_model.hpp"
#include "tests/sim/sim_files.hpp"
#include "tests/sim/weather.hpp"

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

namespace callsheet::sim {

/// What the world wants to know of the network.
struct NetworkWatch {
  std::function<void(char const*)> touch;      ///< between any two of these this process may die: may throw
  std::function<void(char const*)> elsewhere;  ///< the same for what happens without it
  std::function<void(std::string const& model, std::string const& key)> create_leaves;
  std::function<void(std::string const& key)> create_over;  ///< its answer came, or is waited for no longer
  std::function<void(std::string const& key, std::string const& id)> id_given;
  std::function<void(std::string const& id)> poll_leaves;
  std::function<void()> request_leaves;  ///< counts against the limit of reads
  std::function<void(char const*)> met;  ///< something worth counting
};

/// The gateway as one process sees it, over a network that loses, delays and repeats. What was sent before
/// the process died arrives all the same.
class SimGateway final : public gateway::Gateway {
 public:
  struct Edges {
    run::VirtualTime& time;
    Dice& dice;
    Weather const& weather;
    GatewayModel& model;
    SimFiles& files;
    NetworkWatch const& watch;
    std::function<bool()> outage;  ///< nothing gets through now
    std::function<bool()> storm;   ///< everything is answered with 429 now
    Duration client_ahead;         ///< how wrong this process's clock is
  };
  SimGateway(boost::asio::any_io_executor executor, Edges edges)
      : executor_{std::move(executor)}, edges_{std::move(edges)} {}

  std::string const& name() const override { return name_; }
  std::string encode(Request const& request, ModelId const& model,
                     gateway::Addresses const& addresses) const override;
  boost::asio::awaitable<tl::expected<gateway::Created, gateway::CreateFailure>> create(
      gateway::CreateOrder order) override;
  boost::asio::awaitable<tl::expected<gateway::TaskView, Failure>> query(GatewayTaskId id,
                                                                         Credits expected) override;
  boost::asio::awaitable<tl::expected<gateway::TaskList, Failure>> list(TimePoint since) override;
  boost::asio::awaitable<Result<gateway::Balance>> balance() override;
  boost::asio::awaitable<tl::expected<gateway::UploadedFile, Failure>> upload(
      gateway::InputFile& file) override;
  boost::asio::awaitable<tl::expected<gateway::Downloaded, gateway::DownloadFailure>> download(
      std::string link, std::filesystem::path to) override;
  bool idempotency_seen() const override { return idempotency_seen_; }
  std::optional<Duration> clock_ahead() const override { return clock_ahead_; }

 private:
  using CreateResult = tl::expected<gateway::Created, gateway::CreateFailure>;

  [[nodiscard]] Duration latency() { return edges_.dice.between(Duration{1000}, edges_.weather.latency); }
  [[nodiscard]] bool lost(int percent) { return edges_.outage() || edges_.dice.chance(percent); }
  [[nodiscard]] CreateResult result_of(GatewayModel::Answer const& answer, Credits expected);
  [[nodiscard]] gateway::TaskView view_of(GatewayModel::Task const& task, Credits expected) const;
  void note_date();
  enum class Limited { yes, no };  ///< counts against the limit of reads
  /// Waits, then says whether an answer came: the fate of every read.
  boost::asio::awaitable<std::optional<Failure>> exchange(Limited limited);

  boost::asio::any_io_executor executor_;
  Edges edges_;
  std::string name_ = "sim";
  bool idempotency_seen_ = false;
  std::optional<Duration> clock_ahead_;  ///< by the Date of the latest answer: whole seconds
};

}  // namespace callsheet::sim
