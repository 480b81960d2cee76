#pragma once

#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/outside.hpp"

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace callsheet::local_gateway {

/// Fetches files that are to be uploaded by their URLs. Belongs to the gateway's thread.
class Fetcher {
 public:
  Fetcher(boost::asio::any_io_executor executor, std::shared_ptr<Outside> outside, std::uint64_t bytes_max);
  Fetcher(Fetcher const&) = delete;
  Fetcher& operator=(Fetcher const&) = delete;
  ~Fetcher();  ///< stop()

  /// Fails with Code::too_large, or another code where nothing came; redirects are not followed.
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> get(std::string url);
  /// Whoever waits is told at once that nothing came.
  void stop();

 private:
  struct Waiting;
  struct State;
  std::shared_ptr<State> state_;  ///< fetches under way own it, too
};

}  // namespace callsheet::local_gateway
