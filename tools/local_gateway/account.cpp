#include "tools/local_gateway/account.hpp"

#include "orchestrator/core/assert.hpp"

namespace callsheet::local_gateway {

bool Account::reserve(Credits price) {
  if (price > remaining()) return false;
  reserved_ += price;
  return true;
}

void Account::forget(Credits price) {
  CALLSHEET_ASSERT(price <= reserved_);
  reserved_ -= price;
}

void Account::settle(Credits reserved, Credits charged) {
  CALLSHEET_ASSERT(reserved <= reserved_ && charged <= reserved);
  reserved_ -= reserved;
  charged_ += charged;
  refunded_ += reserved - charged;
}

}  // namespace callsheet::local_gateway
