#pragma once

#include "orchestrator/cli/helm.hpp"
#include "orchestrator/core/result.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace callsheet::cli {

/// What goes along with a run and may steer it. All on the run's thread, which it must not hold up.
class Companion {
 public:
  virtual ~Companion() = default;
  /// The run is about to begin. `helm` lives until finish() has returned. Fails before anything is submitted.
  [[nodiscard]] virtual Result<void> begin(boost::asio::io_context& io, Helm& helm) = 0;
  /// The run has ended; nothing of the companion may be left on `io` that would keep it going.
  [[nodiscard]] virtual boost::asio::awaitable<void> finish() = 0;
};

}  // namespace callsheet::cli
