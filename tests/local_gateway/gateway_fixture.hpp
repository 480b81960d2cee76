#pragma once

#include "orchestrator/core/time.hpp"
#include "tests/support/http_get.hpp"
#include "tools/local_gateway/local_gateway.hpp"

#include <atomic>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace callsheet::test {

/// A clock that stands until it is told to move.
class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return TimePoint{Duration{microseconds_.load()}}; }
  void advance(Duration by) { microseconds_ += by.count(); }

 private:
  std::atomic<std::int64_t> microseconds_{1'795'000'000'000'000};
};

/// A running local gateway and the few calls the tests make. Fast clips and no latency unless told otherwise.
class GatewayFixture {
 public:
  static local_gateway::Options quick();
  explicit GatewayFixture(local_gateway::Options options = quick());

  [[nodiscard]] local_gateway::LocalGateway& gateway() { return *gateway_; }
  [[nodiscard]] local_gateway::Bill bill() const { return gateway_->bill(); }
  void stop() { gateway_->stop(); }

  HttpAnswer get(std::string const& target, http::Headers headers = {}) const;
  HttpAnswer post(std::string const& target, std::string body, http::Headers headers = {}) const;
  /// POST /v1/videos/generations.
  HttpAnswer create(nlohmann::json const& body, std::string const& idempotency_key = {}) const;
  /// The id of a task that must be accepted.
  std::string create_task(nlohmann::json const& body, std::string const& idempotency_key = {}) const;
  /// The task's answer once it has ended; fails the test after 60 s.
  nlohmann::json wait_for_end(std::string const& task_id) const;
  /// The public link of an uploaded picture.
  std::string upload(std::string const& bytes, std::string const& name) const;
  /// "http://127.0.0.1:1/files/x" → "/files/x".
  static std::string path_of_url(std::string const& url);

 private:
  std::unique_ptr<local_gateway::LocalGateway> gateway_;
};

nlohmann::json json_of(HttpAnswer const& answer);
/// A create body that passes: 5 s, 720p, no sound, text-to-video.
nlohmann::json plain_order();
std::string base64(std::string const& bytes);
/// The video that the examples dance after.
std::string sway();
/// A picture of that size: two gradients.
std::string png_of(int width, int height);

}  // namespace callsheet::test
