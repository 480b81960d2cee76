#include "orchestrator/ledger/book.hpp"

#include "orchestrator/core/assert.hpp"
#include "orchestrator/core/overloaded.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace callsheet::ledger {

namespace {

constexpr std::array<std::pair<Account, std::string_view>, 4> account_names{{
    {Account::available, "available"},
    {Account::held, "held"},
    {Account::billed, "billed"},
    {Account::refund_expected, "refund_expected"},
}};

Credits* part_of(Balance& balance, Account account) {
  switch (account) {
    case Account::available:
      return nullptr;
    case Account::held:
      return &balance.held;
    case Account::billed:
      return &balance.billed;
    case Account::refund_expected:
      return &balance.refund_expected;
  }
  return nullptr;
}

}  // namespace

void shift(Balance& balance, Account from, Account to, Credits amount) {
  if (Credits* part = part_of(balance, from)) *part -= amount;
  if (Credits* part = part_of(balance, to)) *part += amount;
}

std::string waiting_for(RunId const& other) {
  return fmt::format("waiting for run {}, which asked for it first", other.str());
}

Receipt taken_elsewhere(RunId const& other) {
  return {.granted = false, .why = waiting_for(other)};
}

std::string_view to_string(Account account) {
  for (auto const& [value, name] : account_names)
    if (value == account) return name;
  return "";
}

std::optional<Account> parse_account(std::string_view text) {
  for (auto const& [value, name] : account_names)
    if (name == text) return value;
  return std::nullopt;
}

Balance& Balance::operator+=(Balance const& other) {
  held += other.held;
  billed += other.billed;
  refund_expected += other.refund_expected;
  return *this;
}

std::int64_t day_of(TimePoint time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

Book::Book(Budget caps) : caps_{std::move(caps)}, groups_(caps_.groups.size()) {}

void Book::restore(Balance const& run, std::vector<Credits> const& groups_committed) {
  run_ = run;
  for (std::size_t i = 0; i < groups_.size() && i < groups_committed.size(); ++i)
    groups_[i] = groups_committed[i];
}

void Book::restore(AttemptKey attempt, AttemptStanding const& standing) {
  TaskMoney& task = tasks_[index(attempt.task)];
  if (task.attempts.emplace(attempt.ordinal, standing).second) task.committed += standing.balance.committed();
}

bool Book::knows(AttemptKey attempt) const {
  auto const task = tasks_.find(index(attempt.task));
  return task != tasks_.end() && task->second.attempts.contains(attempt.ordinal);
}

void Book::set_day(std::int64_t day, Credits committed) {
  days_[day] = committed;
}

std::map<std::int64_t, Credits> Book::take_day_changes() {
  return std::exchange(day_changes_, {});
}

AttemptStanding& Book::standing_of(AttemptKey attempt) {
  auto const task = tasks_.find(index(attempt.task));
  CALLSHEET_ASSERT(task != tasks_.end());
  auto const found = task->second.attempts.find(attempt.ordinal);
  CALLSHEET_ASSERT(found != task->second.attempts.end());
  return found->second;
}

/// Law 1, checked where it is written down: why a hold is not allowed; empty when it is.
std::optional<Receipt> Book::breach(Intent const& intent, std::int64_t day) const {
  auto const refuse = [&](CapKind kind, std::string const& whose, Credits cap, Credits committed,
                          std::string_view since) {
    return Receipt{
        .granted = false,
        .cap = kind,
        .why = fmt::format("{} credits more would exceed {} of {} ({} are spent or held{})",
                           to_string(intent.most), whose, to_string(cap), to_string(committed), since)};
  };
  if (run_.committed() + intent.most > caps_.cap)
    return refuse(CapKind::run, "the run's cap", caps_.cap, run_.committed(), "");
  if (caps_.daily) {
    auto const found = days_.find(day);
    Credits const today = found == days_.end() ? Credits{} : found->second;
    if (today + intent.most > *caps_.daily)
      return refuse(CapKind::day, "the day's cap", *caps_.daily, today, " since 00:00 UTC");
  }
  for (std::uint16_t const group : intent.groups)
    if (GroupCap const& cap = caps_.groups[group]; groups_[group] + intent.most > cap.cap)
      return refuse(CapKind::group, fmt::format("the cap for {} {}", cap.axis, cap.value), cap.cap,
                    groups_[group], "");
  if (caps_.per_task) {
    auto const task = tasks_.find(index(intent.attempt.task));
    Credits const committed = task == tasks_.end() ? Credits{} : task->second.committed;
    if (committed + intent.most > *caps_.per_task)
      return refuse(CapKind::task, "the task's cap", *caps_.per_task, committed, "");
  }
  return std::nullopt;
}

void Book::move(TaskMoney& task, AttemptStanding& attempt, Account from, Account to, Credits amount,
                std::string_view reason, Booked& out) {
  if (amount == Credits{}) return;
  CALLSHEET_ASSERT(amount > Credits{});
  shift(attempt.balance, from, to, amount);
  shift(run_, from, to, amount);
  // What counts against a cap changes only where money leaves "available" or comes back to it.
  Credits const committed = from == Account::available ? amount
                            : to == Account::available ? -amount
                                                       : Credits{};
  task.committed += committed;
  for (std::uint16_t const group : attempt.groups) groups_[group] += committed;
  days_[attempt.day] += committed;
  day_changes_[attempt.day] += committed;
  out.postings.push_back({from, to, amount, reason});
}

/// Books one record; one function a kind.
class Book::Booking {
 public:
  explicit Booking(Book& book) : book_{book} {}

  Booked operator()(Intent const& intent) {
    std::int64_t const day = day_of(intent.at);
    if (std::optional<Receipt> refusal = book_.breach(intent, day)) {
      out_.receipt = *std::move(refusal);
      return std::move(out_);
    }
    TaskMoney& task = book_.tasks_[index(intent.attempt.task)];
    auto const [attempt, fresh] = task.attempts.emplace(
        intent.attempt.ordinal, AttemptStanding{.balance = {}, .day = day, .groups = intent.groups});
    CALLSHEET_ASSERT(fresh);
    book_.move(task, attempt->second, Account::available, Account::held, intent.most,
               "hold before submission", out_);
    return done(attempt->second);
  }

  Booked operator()(IdReceived const& record) { return done(become(record.attempt, AttemptState::running)); }

  Booked operator()(HoldRaised const& record) {
    AttemptStanding& attempt = book_.standing_of(record.attempt);
    CALLSHEET_ASSERT(attempt.state == AttemptState::running);
    if (record.to > attempt.balance.held)
      move(record.attempt, attempt, Account::available, Account::held, record.to - attempt.balance.held,
           "the gateway reserved more than was held");
    return done(attempt);
  }

  Booked operator()(Settled const& record) {
    AttemptStanding& attempt = become(record.attempt, AttemptState::finished);
    bill(record.attempt, attempt, record.billed, "billed by the gateway");
    return done(attempt);
  }

  Booked operator()(Released const& record) {
    AttemptStanding& attempt = become(record.attempt, AttemptState::refused);
    move(record.attempt, attempt, Account::held, Account::available, attempt.balance.held,
         "certainly not taken by the gateway");
    return done(attempt);
  }

  Booked operator()(FailureBooked const& record) {
    AttemptStanding& attempt = become(record.attempt, AttemptState::failed);
    if (record.charged)
      bill(record.attempt, attempt, *record.charged, "failed; charged by the gateway all the same");
    else if (record.refund_seen)
      move(record.attempt, attempt, Account::held, Account::available, attempt.balance.held,
           "failed; the gateway gave it back");
    else
      move(record.attempt, attempt, Account::held, Account::refund_expected, attempt.balance.held,
           "failed; refund not yet seen");
    return done(attempt);
  }

  Booked operator()(Doubted const& record) { return done(become(record.attempt, AttemptState::in_doubt)); }

  Booked operator()(RefundSettled const& record) {
    AttemptStanding& attempt = book_.standing_of(record.attempt);
    CALLSHEET_ASSERT(attempt.state == AttemptState::failed);
    Credits const expected = attempt.balance.refund_expected;
    if (record.fate == RefundFate::came)
      move(record.attempt, attempt, Account::refund_expected, Account::available, expected,
           "the refund was seen");
    else
      move(record.attempt, attempt, Account::refund_expected, Account::billed, expected,
           "no refund: billed for good");
    return done(attempt);
  }

  Booked operator()(WrittenOff const& record) {
    AttemptStanding& attempt = book_.standing_of(record.attempt);
    CALLSHEET_ASSERT(attempt.state == AttemptState::in_doubt);
    become(record.attempt, AttemptState::failed);
    move(record.attempt, attempt, Account::held, Account::billed, attempt.balance.held,
         "billed by the gateway; its task is not known");
    return done(attempt);
  }

  Booked operator()(TaskEnded const& record) {
    // Later news of its attempts (a refund, say) bring them back.
    if (record.outcome != TaskOutcome::outstanding && record.outcome != TaskOutcome::in_doubt)
      book_.tasks_.erase(index(record.task));
    return std::move(out_);
  }

  Booked operator()(ClipStored const& /*record*/) { return std::move(out_); }
  Booked operator()(RestEnded const& /*record*/) { return std::move(out_); }
  Booked operator()(Noted const& /*record*/) { return std::move(out_); }
  Booked operator()(TermsRenewed const& /*record*/) { return std::move(out_); }
  Booked operator()(ElementMade const& /*record*/) { return std::move(out_); }
  Booked operator()(RunEnded const& /*record*/) { return std::move(out_); }

 private:
  AttemptStanding& become(AttemptKey key, AttemptState state) {
    AttemptStanding& attempt = book_.standing_of(key);
    CALLSHEET_ASSERT(may_become(attempt.state, state));
    out_.doubt_is_over = attempt.state == AttemptState::in_doubt;
    attempt.state = state;
    return attempt;
  }
  void move(AttemptKey key, AttemptStanding& attempt, Account from, Account to, Credits amount,
            std::string_view reason) {
    book_.move(book_.tasks_[index(key.task)], attempt, from, to, amount, reason, out_);
  }
  void bill(AttemptKey key, AttemptStanding& attempt, Credits billed, std::string_view reason) {
    Credits const held = attempt.balance.held;
    Credits const from_hold = std::min(held, billed);
    move(key, attempt, Account::held, Account::billed, from_hold, reason);
    move(key, attempt, Account::available, Account::billed, billed - from_hold, "billed above the hold");
    move(key, attempt, Account::held, Account::available, held - from_hold, "rest of the hold");
  }
  Booked done(AttemptStanding const& standing) {
    out_.standing = standing;
    return std::move(out_);
  }

  Book& book_;
  Booked out_;
};

Book::Booked Book::book(Record const& record) {
  return std::visit(Booking{*this}, record);
}

}  // namespace callsheet::ledger
