// What only the store in a file can do: survive, keep others out, refuse, grow up from an older schema.

#include "tests/ledger/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

#include <filesystem>
#include <string_view>

#include <SQLiteCpp/Database.h>
#include <unistd.h>

using namespace callsheet;
using namespace callsheet::test;

namespace callsheet::assets {
extern std::string_view const migration_0001;
}  // namespace callsheet::assets

TEST_CASE("sqlite: a file survives being closed, and one process at a time works on a campaign") {
  TemporaryFolder const folder;
  auto const file = folder.path() / "kept" / "ledger.db";
  CHECK(open_sqlite_ledger(file, Access::read).error().code == Code::not_found);
  {
    auto ledger = open_sqlite_ledger(file, Access::read_write);
    REQUIRE(ledger.has_value());
    begin(**ledger, 1, cap_of(Credits::whole(5)));
    commit(**ledger, intent(key(0), Credits::whole(5)));
    auto const lease = (*ledger)->lease("spring");
    REQUIRE(lease.has_value());
    CHECK((*ledger)->lease("spring").error().code == Code::busy);
    CHECK((*ledger)->lease("summer").has_value());
  }
  auto again = open_sqlite_ledger(file, Access::read);
  REQUIRE(again.has_value());
  CHECK(balance_of(**again).held == Credits::whole(5));
  CHECK((*again)->lease("spring").has_value());
}

TEST_CASE(
    "sqlite: a run is running only while somebody works on it, and other runs of its campaign are not") {
  TemporaryFolder const folder;
  auto const file = folder.path() / "ledger.db";
  auto reader = open_sqlite_ledger(file, Access::read_write);
  REQUIRE(reader.has_value());
  RunId const other{"other"};
  std::string const& campaign = run_id.str();  // as begin() calls it
  auto const status = [&](RunId const& id) { return (*reader)->summary(id)->status; };
  {
    auto worker = open_sqlite_ledger(file, Access::read_write);
    auto const lease = (*worker)->lease(campaign);
    begin(**worker, 1, cap_of(Credits::whole(5)));
    REQUIRE((*worker)
                ->begin_run(
                    {.id = other, .campaign = campaign, .gateway = "evolink", .nonce = "n", .started = noon})
                .has_value());
    REQUIRE((*worker)->start_run(other, "{}", cap_of(Credits::whole(5))).has_value());
    CHECK((*reader)->summary(run_id)->process_gone);
    REQUIRE((*worker)->works_on(run_id).has_value());
    CHECK(status(run_id) == RunStatus::running);
    CHECK((*reader)->run(run_id)->summary.process == ::getpid());
    CHECK((*worker)->summary(run_id)->status == RunStatus::running);
    CHECK(status(other) == RunStatus::interrupted);
    CHECK((*reader)->lease(campaign).error().code == Code::busy);
  }
  CHECK(status(run_id) == RunStatus::interrupted);
  CHECK((*reader)->runs(2)->front().process_gone);
  {
    auto const lease = (*reader)->lease(campaign);
    REQUIRE(lease.has_value());
    REQUIRE((*reader)->works_on(run_id).has_value());
    CHECK(status(run_id) == RunStatus::running);
    // A run that was ended goes on: whoever works on it counts, not how it once ended.
    commit(**reader, RunEnded{.status = RunStatus::interrupted, .at = noon});
    CHECK(status(run_id) == RunStatus::interrupted);
    CHECK_FALSE((*reader)->summary(run_id)->process_gone);
    REQUIRE((*reader)->works_on(run_id).has_value());
    CHECK(status(run_id) == RunStatus::running);
    CHECK_FALSE((*reader)->summary(run_id)->ended.has_value());
    commit(**reader, RunEnded{.status = RunStatus::completed, .at = noon});
    CHECK(status(run_id) == RunStatus::completed);
  }
}

TEST_CASE("sqlite: two processes' runs share the day's cap, whoever commits first") {
  TemporaryFolder const folder;
  auto const file = folder.path() / "ledger.db";
  auto one = open_sqlite_ledger(file, Access::read_write);
  auto other = open_sqlite_ledger(file, Access::read_write);
  Budget caps = cap_of(Credits::whole(1000));
  caps.daily = Credits::whole(30);
  RunId const second{"second"};
  begin(**one, 4, caps);
  begin(**other, 4, caps, second);
  CHECK(commit(**one, intent(key(0), Credits::whole(10))).granted);
  CHECK(commit(**other, intent(key(0), Credits::whole(10)), second).granted);
  CHECK(commit(**one, intent(key(1), Credits::whole(10))).granted);
  CHECK_FALSE(commit(**other, intent(key(1), Credits::whole(1)), second).granted);
  commit(**one, Released{.attempt = key(0), .failure = failure, .then = "", .at = noon});
  CHECK(commit(**other, intent(key(1), Credits::whole(10)), second).granted);
}

TEST_CASE("sqlite: a batch is all or nothing") {
  TemporaryFolder const folder;
  auto ledger = open_sqlite_ledger(folder.path() / "ledger.db", Access::read_write);
  REQUIRE(ledger.has_value());
  begin(**ledger, 2, cap_of(Credits::whole(100)));
  {
    // A constraint the store itself knows nothing about: the second record of the batch breaks it.
    SQLite::Database file{(folder.path() / "ledger.db").string(), SQLite::OPEN_READWRITE};
    file.exec("CREATE UNIQUE INDEX no_two_alike ON attempts (idempotency_key)");
  }
  auto const receipts =
      (*ledger)->commit(run_id, {intent(key(0), Credits::whole(1)), intent(key(1), Credits::whole(1))});
  REQUIRE_FALSE(receipts.has_value());
  CHECK(receipts.error().code == Code::ledger_unavailable);
  CHECK(balance_of(**ledger) == Balance{});
  CHECK((*ledger)->entries(run_id, std::nullopt)->empty());
  // And the next one finds the books as they are in the file.
  CHECK(commit(**ledger, intent(key(1), Credits::whole(100))).granted);
}

TEST_CASE("sqlite: entries are never changed and never deleted, not even by hand") {
  TemporaryFolder const folder;
  auto const path = folder.path() / "ledger.db";
  auto ledger = open_sqlite_ledger(path, Access::read_write);
  begin(**ledger, 1, cap_of(Credits::whole(5)));
  commit(**ledger, intent(key(0), Credits::whole(5)));
  SQLite::Database file{path.string(), SQLite::OPEN_READWRITE};
  CHECK_THROWS(file.exec("UPDATE entries SET amount = 1"));
  CHECK_THROWS(file.exec("DELETE FROM entries"));
}

TEST_CASE("sqlite: a ledger of the first schema is carried over with its money, its clips and its doubts") {
  TemporaryFolder const folder;
  auto const path = folder.path() / "ledger.db";
  {
    SQLite::Database old{path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    old.exec(std::string{assets::migration_0001});
    old.exec("PRAGMA user_version = 1");
    old.exec(R"sql(
      INSERT INTO runs VALUES (1, 'old', 'spring', 'evolink', 'completed', '{"budget":{"per_task":70000}}', 10, 99, 900000,
        NULL, 50000, 60000, 0);
      INSERT INTO tasks VALUES (1, 0, 'i0', 'a', 1, '{"priority":3,"route":{"r":0}}', 'made', '', 50, '', '', '');
      INSERT INTO tasks VALUES (1, 1, 'i1', 'b', 1, '{"route":{"r":1}}', 'in_doubt', 'no answer', 60, '', '', '');
      INSERT INTO clips VALUES (1, 0, '/out/a.mp4', 9, 2, 2, 3000, 1);
      INSERT INTO attempts VALUES (7, 1, 0, 1, 'm', '720p', 'finished', 'task-unified-1', 'k0', '{}', 0, 60000, 0, 20, 5,
        50, NULL, NULL, NULL, NULL);
      INSERT INTO attempts VALUES (8, 1, 1, 1, 'm', '720p', 'in_doubt', '', 'k1', '{}', 50000, 0, 0, 30, 5, NULL,
        'temporary', 'timeout', 'no answer', '');
      INSERT INTO entries VALUES (1, 20, 1, 7, 'available', 'held', 65000, 'hold before submission');
      INSERT INTO entries VALUES (2, 50, 1, 7, 'held', 'billed', 60000, 'billed by the gateway');
      INSERT INTO entries VALUES (3, 50, 1, 7, 'held', 'available', 5000, 'rest of the hold');
      INSERT INTO entries VALUES (4, 30, 1, 8, 'available', 'held', 50000, 'hold before submission');
    )sql");
  }
  CHECK(open_sqlite_ledger(path, Access::read).error().code == Code::ledger_version);
  auto ledger = open_sqlite_ledger(path, Access::read_write);
  REQUIRE(ledger.has_value());
  RunId const old{"old"};
  auto const entries = (*ledger)->entries(old, std::nullopt);
  REQUIRE(entries.has_value());
  CHECK(sum(*entries) == balance_of(**ledger, old));
  CHECK(entries->at(1).attempt == key(0));
  auto const run = (*ledger)->run(old);
  CHECK(run->routes == std::vector<std::string>{R"({"r":0})", R"({"r":1})"});
  auto const tasks = (*ledger)->tasks(old, TaskId{0}, 5);
  REQUIRE(tasks->size() == 2);
  CHECK(tasks->at(0).priority == 3);
  CHECK(tasks->at(0).clip->path == "/out/a.mp4");
  CHECK(tasks->at(0).clip->sha256.empty());
  CHECK(tasks->at(0).attempts.at(0).most == Credits::from_units(65'000));
  CHECK(tasks->at(0).attempts.at(0).billed_by == BilledBy::request);
  CHECK(tasks->at(1).attempts.at(0).state == AttemptState::in_doubt);
  CHECK(tasks->at(1).attempts.at(0).failure->kind == FailureKind::temporary);
  CHECK(
      (*ledger)->find_clips("evolink", {TaskIdentity{"i0"}}, Clips::made_or_paid)->at(0)->clip->size_bytes ==
      9);
  // The doubt can be settled by the new program.
  commit(**ledger, WrittenOff{.attempt = key(1), .how = "their support said so", .at = noon}, old);
  CHECK(balance_of(**ledger, old).billed == Credits::from_units(110'000));
}

TEST_CASE("sqlite: a ledger of a later version is left alone") {
  TemporaryFolder const folder;
  auto const path = folder.path() / "ledger.db";
  { REQUIRE(open_sqlite_ledger(path, Access::read_write).has_value()); }
  { SQLite::Database{path.string(), SQLite::OPEN_READWRITE}.exec("PRAGMA user_version = 99"); }
  CHECK(open_sqlite_ledger(path, Access::read_write).error().code == Code::ledger_version);
}
