#pragma once

namespace callsheet::local_gateway {

/// Whom the gateway calls back.
enum class CallbackTargets {
  public_https,  ///< as documented: https, and no private address; others are refused
  this_machine,  ///< nothing leaves the machine: any address passes, and what is not here is not called
  anywhere,      ///< plain http and private addresses too
};

}  // namespace callsheet::local_gateway
