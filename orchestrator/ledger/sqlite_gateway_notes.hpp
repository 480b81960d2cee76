#pragma once

#include "orchestrator/ledger/ledger.hpp"
#include "orchestrator/ledger/sqlite_store.hpp"

#include <optional>
#include <string>
#include <vector>

namespace callsheet::ledger {

/// What was learned of a gateway beside the runs: uploads, balances, how long clips take. No money hangs on
/// it. Within the caller's transaction. Throws SQLite::Exception.
class SqliteGatewayNotes {
 public:
  explicit SqliteGatewayNotes(SqliteStore& store) : store_{store} {}

  [[nodiscard]] std::optional<Upload> find_upload(std::string const& gateway, ContentDigest const& content);
  void remember_upload(std::string const& gateway, ContentDigest const& content, Upload const& upload);

  [[nodiscard]] bool idempotency_seen(std::string const& gateway);
  void remember_idempotency(std::string const& gateway);

  void remember_balance(std::string const& gateway, BalanceSeen const& seen);
  [[nodiscard]] std::vector<BalanceSeen> balances(std::string const& gateway);

  void remember_durations(std::string const& gateway, std::vector<DurationHistory> const& history);
  [[nodiscard]] std::vector<DurationHistory> durations(std::string const& gateway);

 private:
  SqliteStore& store_;
};

}  // namespace callsheet::ledger
