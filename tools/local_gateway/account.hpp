#pragma once

#include "orchestrator/core/credits.hpp"

namespace callsheet::local_gateway {

/// The account's credits: a price is reserved at create and settled when the task ends (gateway-api.md 10).
class Account {
 public:
  explicit Account(Credits opening) : opening_{opening} {}

  /// False, and nothing reserved, when the balance is short.
  [[nodiscard]] bool reserve(Credits price);
  /// Undoes a reservation that never became a task.
  void forget(Credits price);
  /// Ends a reservation: `charged` of it is billed, the rest goes back.
  void settle(Credits reserved, Credits charged);

  [[nodiscard]] Credits opening() const { return opening_; }
  [[nodiscard]] Credits reserved() const { return reserved_; }
  [[nodiscard]] Credits charged() const { return charged_; }
  [[nodiscard]] Credits refunded() const { return refunded_; }
  [[nodiscard]] Credits remaining() const { return opening_ - charged_ - reserved_; }

 private:
  Credits opening_, reserved_, charged_, refunded_;
};

}  // namespace callsheet::local_gateway
