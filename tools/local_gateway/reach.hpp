#pragma once

namespace callsheet::local_gateway {

/// Whom the gateway speaks to of itself, when it calls back and when it fetches what is to be uploaded.
enum class Reach {
  public_internet,  ///< as documented: no private address; callbacks by https only, and others are refused
  this_machine,  ///< nothing leaves the machine: any callback_url passes, and what is not here is not called
  anywhere,      ///< plain http and private addresses too
};

}  // namespace callsheet::local_gateway
