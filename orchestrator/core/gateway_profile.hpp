#pragma once

#include "orchestrator/core/gateway_trust.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace callsheet {

/// What the numbers mean that a gateway tells money in. `either`: told apart by the price that is expected.
enum class CreditUnit {
  either,
  credits,
  units,  ///< 1/10,000 credit
};

/// How long to wait for a gateway at each stage.
struct GatewayTimeOuts {
  std::chrono::seconds connect{10};  ///< lookup, connect and TLS, each
  std::chrono::seconds idle{30};     ///< without a byte moving
  std::chrono::seconds answer{60};   ///< for a whole answer, of an upload from its last byte on
  std::chrono::seconds upload{600};  ///< for each 8 MiB of it
  std::chrono::seconds download{1800};
};

/// Where a gateway is and how to treat it: one entry of the catalog's `gateways`. It names a key, it never
/// holds one.
struct GatewayProfile {
  std::string name;
  std::string base_url;   ///< video tasks and credits
  std::string files_url;  ///< uploads
  std::string key_env;    ///< the environment variable with the key; with `_FILE` appended, with its file
  CreditUnit credit_unit = CreditUnit::either;
  GatewayTrust trust;
  bool calls_back = true;  ///< whether it tells by callbacks that a task has ended
  GatewayTimeOuts time_outs;
  std::optional<std::chrono::seconds> poll_least, poll_most;  ///< bounds between two reads of a task
  std::optional<int> reads_per_second;                        ///< over all tasks
  int task_batch = 0;                                         ///< tasks one read may ask for; 0: one
  std::optional<std::chrono::seconds> patience;               ///< with one task

  /// The profile that the program brings along, which the environment may lead elsewhere.
  static constexpr char const* standard = "evolink";
  /// What the gateway that runs in this process is called: no profile has that name.
  static constexpr char const* embedded = "local";
};

}  // namespace callsheet
