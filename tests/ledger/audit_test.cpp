#include "orchestrator/ledger/audit.hpp"

#include "tests/ledger/store_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace callsheet;
using namespace callsheet::test;

namespace {

/// A run with one attempt of every kind.
void make_run(Ledger& ledger) {
  begin(ledger, 5, cap_of(Credits::whole(1000)));
  for (std::uint32_t i = 0; i < 5; ++i) {
    commit(ledger, intent(key(i), Credits::whole(10)));
    if (i != 3) commit(ledger, id_of(key(i), "id-" + std::to_string(i)));
  }
  commit(ledger,
         Settled{.attempt = key(0), .billed = Credits::whole(7), .by = BilledBy::request, .at = noon + 1s});
  commit(ledger, FailureBooked{.attempt = key(1), .failure = failure, .then = "", .at = noon + 2s});
  commit(ledger, Doubted{.attempt = key(3), .failure = failure, .at = noon + 3s});
}

std::vector<BookFault> faults_of(Ledger& ledger) {
  auto const summary = ledger.summary(run_id);
  REQUIRE(summary.has_value());
  auto const entries = ledger.entries(run_id, std::nullopt);
  REQUIRE(entries.has_value());
  auto faults = audit_books(ledger, *summary, *entries);
  REQUIRE(faults.has_value());
  return *std::move(faults);
}

Entry entry(TimePoint at, Account from, Account to, int credits) {
  return {.at = at,
          .attempt = key(0),
          .from = from,
          .to = to,
          .amount = Credits::whole(credits),
          .reason = "test"};
}

BalanceSeen seen(TimePoint at, int credits) {
  return {.at = at, .account = Credits::whole(credits), .key = {}};
}

}  // namespace

TEST_CASE("audit: sound books have no faults") {
  for_each_store([](Ledger& ledger) {
    make_run(ledger);
    CHECK(faults_of(ledger).empty());
  });
}

TEST_CASE("audit: a balance that was changed behind the entries' back is found and named") {
  struct Case {
    char const* change;
    char const* told;
    bool of_attempt;
  };
  for (Case const& c :
       {Case{"UPDATE attempts SET held = held + 1 WHERE task = 2", "its entries come to", true},
        Case{"UPDATE attempts SET state = 'refused' WHERE task = 2", "still holds 10 credits", true},
        Case{"DELETE FROM attempts WHERE task = 4", "an attempt that is not there", true},
        Case{"UPDATE runs SET billed = billed - 1", "the run stands at", false}}) {
    CAPTURE(c.change);
    TemporaryFolder const folder;
    auto const file = folder.path() / "ledger.db";
    {
      auto ledger = open_sqlite_ledger(file, Access::read_write);
      REQUIRE(ledger.has_value());
      make_run(**ledger);
    }
    SQLite::Database{file.string(), SQLite::OPEN_READWRITE}.exec(c.change);
    auto ledger = open_sqlite_ledger(file, Access::read);
    REQUIRE(ledger.has_value());
    auto const faults = faults_of(**ledger);
    REQUIRE_FALSE(faults.empty());
    CHECK(faults.front().what.find(c.told) != std::string::npos);
    CHECK(faults.front().attempt.has_value() == c.of_attempt);
  }
}

TEST_CASE("audit: what is read at one moment does not see what is written meanwhile") {
  TemporaryFolder const folder;
  auto const file = folder.path() / "ledger.db";
  auto writer = open_sqlite_ledger(file, Access::read_write);
  REQUIRE(writer.has_value());
  make_run(**writer);
  auto reader = open_sqlite_ledger(file, Access::read);
  REQUIRE(reader.has_value());
  auto const read = (*reader)->at_one_moment([&]() -> Result<void> {
    Balance const before = balance_of(**reader);
    commit(**writer, Released{.attempt = key(3), .failure = failure, .then = "", .at = noon + 4s});
    CHECK(balance_of(**reader) == before);
    CHECK(faults_of(**reader).empty());
    return {};
  });
  CHECK(read.has_value());
  CHECK(balance_of(**reader) == balance_of(**writer));
  CHECK(faults_of(**reader).empty());
}

TEST_CASE("audit: the account and the books, by what may have happened between two looks") {
  struct Case {
    char const* name;
    int billed, held, refund_expected;  ///< booked between the looks
    int fell;
    int unexplained;
  };
  for (Case const& c :
       {Case{"nothing happened", 0, 0, 0, 0, 0}, Case{"billed as booked", 7, 0, 0, 7, 0},
        Case{"a hold that the account shows", 7, 5, 0, 12, 0},
        Case{"a hold that it does not show yet", 7, 5, 0, 7, 0}, Case{"more than booked", 7, 5, 0, 13, 1},
        Case{"less than booked", 7, 5, 0, 5, -2}, Case{"topped up", 7, 0, 0, -93, -100},
        Case{"a refund that is not there yet", 0, 0, 4, 4, 0},
        Case{"a refund that never went off", 0, 0, 4, 0, 0},
        Case{"an older hold that was settled", 5, -5, 0, 0, 0},
        Case{"an older hold that was given back", 0, -5, 0, -5, 0}}) {
    CAPTURE(c.name);
    std::vector<Entry> entries;
    auto const add = [&entries](int amount, Account account) {
      if (amount > 0) entries.push_back(entry(noon + 1s, Account::available, account, amount));
      if (amount < 0) entries.push_back(entry(noon + 1s, account, Account::available, -amount));
    };
    add(c.billed, Account::billed);
    add(c.held, Account::held);
    add(c.refund_expected, Account::refund_expected);
    // What is booked outside of the two looks is no matter.
    entries.push_back(entry(noon, Account::available, Account::billed, 1000));
    entries.push_back(entry(noon + 3s, Account::available, Account::billed, 1000));
    auto const list = reconcile({seen(noon, 500), seen(noon + 2s, 500 - c.fell)}, entries);
    REQUIRE(list.size() == 1);
    CHECK(list[0].unexplained == Credits::whole(c.unexplained));
    CHECK(explanation(list[0]).empty() == (c.unexplained == 0));
  }
  CHECK(reconcile({seen(noon, 1)}, {}).empty());
  CHECK(reconcile({}, {}).empty());
}

TEST_CASE("audit: a hold hides a difference only while it lasts") {
  std::vector<Entry> const entries{entry(noon + 1s, Account::available, Account::held, 16),
                                   entry(noon + 3s, Account::held, Account::available, 16)};
  auto const list =
      reconcile({seen(noon, 500), seen(noon + 2s, 484), seen(noon + 4s, 484), seen(noon + 5s, 484)}, entries);
  REQUIRE(list.size() == 3);
  CHECK(list[0].unexplained == Credits{});
  CHECK(list[1].unexplained == Credits::whole(16));
  CHECK(list[2].unexplained == Credits{});
}
