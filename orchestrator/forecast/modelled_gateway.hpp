#pragma once

#include "orchestrator/core/credits.hpp"
#include "orchestrator/engine/random.hpp"
#include "orchestrator/forecast/beliefs.hpp"
#include "orchestrator/forecast/modelled_files.hpp"
#include "orchestrator/gateway/gateway.hpp"
#include "orchestrator/run/virtual_time.hpp"

#include <functional>
#include <map>
#include <string>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>

namespace callsheet::forecast {

/// A gateway that behaves as is believed, on virtual time. It bills what the plan expects.
class ModelledGateway final : public gateway::Gateway {
 public:
  struct Surroundings {
    run::VirtualTime& time;
    Beliefs const& beliefs;
    engine::Random& random;
    ModelledFiles& files;
    /// Told when a task ends whose order named an address.
    std::function<void(std::string const& address, GatewayTaskId id)> call_back;
  };
  /// What it works with outlives it.
  ModelledGateway(boost::asio::any_io_executor executor, std::string name, Surroundings around)
      : executor_{std::move(executor)}, name_{std::move(name)}, around_{std::move(around)} {}

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
  bool idempotency_seen() const override { return false; }
  std::optional<Duration> clock_ahead() const override { return Duration{0}; }

 private:
  struct Task {
    engine::PollKind kind;
    Fate fate;
    Credits price;
    TimePoint created, ends;
  };
  using CreateResult = tl::expected<gateway::Created, gateway::CreateFailure>;

  [[nodiscard]] CreateResult take(gateway::CreateOrder const& order);
  [[nodiscard]] gateway::Created receipt(std::string const& id) const;
  /// Comes back so much later.
  [[nodiscard]] boost::asio::awaitable<void> pass(Duration time);

  boost::asio::any_io_executor executor_;
  std::string name_;
  Surroundings around_;
  std::map<std::string, Task> tasks_;
  std::unordered_map<std::string, std::string> by_key_;
};

}  // namespace callsheet::forecast
