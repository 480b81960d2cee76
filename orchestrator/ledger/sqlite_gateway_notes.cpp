#include "orchestrator/ledger/sqlite_gateway_notes.hpp"

#include "orchestrator/ledger/sqlite_values.hpp"

namespace callsheet::ledger {

std::optional<Upload> SqliteGatewayNotes::find_upload(std::string const& gateway,
                                                      ContentDigest const& content) {
  auto& select = store_.prepared("SELECT url, expires FROM uploads WHERE gateway = ? AND content = ?");
  bind_text(select, 1, gateway);
  bind_text(select, 2, content.str());
  std::optional<Upload> upload;
  if (select.executeStep())
    upload = Upload{.url = select.getColumn(0).getString(),
                    .expires = time_from_sql(select.getColumn(1).getInt64())};
  select.reset();
  return upload;
}

void SqliteGatewayNotes::remember_upload(std::string const& gateway, ContentDigest const& content,
                                         Upload const& upload) {
  auto& insert =
      store_.prepared("INSERT OR REPLACE INTO uploads (gateway, content, url, expires) VALUES (?, ?, ?, ?)");
  bind_text(insert, 1, gateway);
  bind_text(insert, 2, content.str());
  bind_text(insert, 3, upload.url);
  insert.bind(4, to_sql(upload.expires));
  insert.exec();
}

bool SqliteGatewayNotes::idempotency_seen(std::string const& gateway) {
  auto& select = store_.prepared("SELECT idempotency_seen FROM gateways WHERE gateway = ?");
  bind_text(select, 1, gateway);
  bool const seen = select.executeStep() && select.getColumn(0).getInt() != 0;
  select.reset();
  return seen;
}

void SqliteGatewayNotes::remember_idempotency(std::string const& gateway) {
  auto& insert = store_.prepared("INSERT OR REPLACE INTO gateways (gateway, idempotency_seen) VALUES (?, 1)");
  bind_text(insert, 1, gateway);
  insert.exec();
}

void SqliteGatewayNotes::remember_balance(std::string const& gateway, BalanceSeen const& seen) {
  auto& insert = store_.prepared("INSERT INTO balances (gateway, at, account, key_left) VALUES (?, ?, ?, ?)");
  bind_text(insert, 1, gateway);
  insert.bind(2, to_sql(seen.at));
  insert.bind(3, seen.account.units());
  bind_maybe(insert, 4, seen.key);
  insert.exec();
}

std::vector<BalanceSeen> SqliteGatewayNotes::balances(std::string const& gateway) {
  auto& select =
      store_.prepared("SELECT at, account, key_left FROM balances WHERE gateway = ? ORDER BY seen");
  bind_text(select, 1, gateway);
  std::vector<BalanceSeen> seen;
  while (select.executeStep())
    seen.push_back({.at = time_from_sql(select.getColumn(0).getInt64()),
                    .account = Credits::from_units(select.getColumn(1).getInt64()),
                    .key = select.getColumn(2).isNull()
                               ? std::nullopt
                               : std::optional{Credits::from_units(select.getColumn(2).getInt64())}});
  select.reset();
  return seen;
}

void SqliteGatewayNotes::remember_durations(std::string const& gateway,
                                            std::vector<DurationHistory> const& history) {
  for (DurationHistory const& one : history) {
    auto& insert = store_.prepared(
        "INSERT OR REPLACE INTO durations (gateway, model, quality, seconds, sound, steps) "
        "VALUES (?, ?, ?, ?, ?, ?)");
    bind_text(insert, 1, gateway);
    bind_text(insert, 2, one.model.str());
    bind_word(insert, 3, to_string(one.quality));
    insert.bind(4, static_cast<std::int64_t>(one.duration.count()));
    bind_word(insert, 5, to_string(one.sound));
    bind_text(insert, 6, one.steps);
    insert.exec();
  }
}

std::vector<DurationHistory> SqliteGatewayNotes::durations(std::string const& gateway) {
  auto& select = store_.prepared(
      "SELECT model, quality, seconds, sound, steps FROM durations WHERE gateway = ? "
      "ORDER BY model, quality, seconds, sound");
  bind_text(select, 1, gateway);
  std::vector<DurationHistory> history;
  while (select.executeStep())
    history.push_back({.model = ModelId{select.getColumn(0).getString()},
                       .quality = parse_quality(select.getColumn(1).getString()).value_or(Quality::p720),
                       .duration = std::chrono::seconds{select.getColumn(2).getInt64()},
                       .sound = parse_sound(select.getColumn(3).getString()).value_or(Sound::off),
                       .steps = select.getColumn(4).getString()});
  select.reset();
  return history;
}

}  // namespace callsheet::ledger
