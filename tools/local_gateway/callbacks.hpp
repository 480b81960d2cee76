#pragma once

#include "orchestrator/core/result.hpp"
#include "tools/local_gateway/outside.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>

namespace callsheet::local_gateway {

/// Calls whoever asked for it when a task has ended (gateway-api.md section 7): a POST within 10 s, and while
/// it is not answered by a 2xx up to three more, 1, 2 and 4 s later. What is under way when the gateway stops
/// is forgotten, as is what the last of them did not get across. Belongs to the gateway's thread.
class Callbacks {
 public:
  struct Settings {
    std::chrono::milliseconds first_wait{1000};  ///< doubled from try to try
    /// Told what cannot be called at all. Empty: silent.
    std::function<void(std::string_view what)> on_fault = {};
  };
  Callbacks(boost::asio::any_io_executor executor, std::shared_ptr<Outside> outside, Settings settings);
  Callbacks(Callbacks const&) = delete;
  Callbacks& operator=(Callbacks const&) = delete;
  ~Callbacks();  ///< stop()

  /// In the background. `times`: how often a receiver that takes every call gets it; once unless something
  /// goes wrong on purpose.
  void call(std::string_view url, std::string body, int times);
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< calls under way own it, too
};

}  // namespace callsheet::local_gateway
