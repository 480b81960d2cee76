#include "orchestrator/ledger/sqlite_schema.hpp"

#include <array>
#include <string>
#include <string_view>

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

namespace callsheet::assets {
extern std::string_view const migration_0001;
extern std::string_view const migration_0002;
extern std::string_view const migration_0003;
extern std::string_view const migration_0004;
extern std::string_view const migration_0005;
extern std::string_view const migration_0006;
}  // namespace callsheet::assets

namespace callsheet::ledger {

namespace {

/// One file each, in order; the schema's version is how many were applied (PRAGMA user_version).
std::array<std::string_view const*, 6> const migrations{&assets::migration_0001, &assets::migration_0002,
                                                        &assets::migration_0003, &assets::migration_0004,
                                                        &assets::migration_0005, &assets::migration_0006};

}  // namespace

Result<void> migrate(SQLite::Database& database, std::filesystem::path const& path, Access access) {
  int const version = database.execAndGet("PRAGMA user_version").getInt();
  int const newest = static_cast<int>(migrations.size());
  if (version > newest)
    return fail(Code::ledger_version,
                fmt::format("the ledger '{}' was written by a newer callsheet (schema {}, this one knows {})",
                            path.string(), version, newest),
                "use the newer callsheet, or another ledger with --ledger");
  if (version == newest) return {};
  if (access == Access::read)
    return fail(Code::ledger_version, fmt::format("the ledger '{}' has an older schema", path.string()),
                "any `callsheet run` migrates it");
  // Tables are rebuilt while others refer to them by name.
  database.exec("PRAGMA foreign_keys = OFF");
  SQLite::Transaction transaction{database, SQLite::TransactionBehavior::IMMEDIATE};
  // Another process may have migrated while this one waited for the lock.
  int const now = database.execAndGet("PRAGMA user_version").getInt();
  for (int i = now; i < newest; ++i) database.exec(std::string{*migrations[static_cast<std::size_t>(i)]});
  database.exec(fmt::format("PRAGMA user_version = {}", newest));
  transaction.commit();
  database.exec("PRAGMA foreign_keys = ON");
  return {};
}

}  // namespace callsheet::ledger
