// What is done for an attempt up to its task id: inputs and elements, intent, create request, and looking for
// what became of a request without an answer.

#include "orchestrator/core/assert.hpp"
#include "orchestrator/core/prompt_text.hpp"
#include "orchestrator/run/driver.hpp"

#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

/// The same for every replay of an attempt, different for every other: 16 to 96 characters (gateway-api.md
/// 11).
std::string idempotency_key_of(std::string const& nonce, AttemptKey attempt) {
  return fmt::format("cs_{}_{}_{}", nonce, index(attempt.task), attempt.ordinal);
}

/// Where the gateway finds what the request uses; empty when an upload is no longer there.
std::optional<gateway::Addresses> addresses_of(Request const& request, Uploads const& uploads) {
  gateway::Addresses addresses;
  bool all = true;
  auto const find = [&](MediaInput const& input) {
    std::string address = uploads.address_of(input);
    all = all && !address.empty();
    return address;
  };
  if (request.image_start) addresses.start = find(*request.image_start);
  if (request.image_end) addresses.end = find(*request.image_end);
  for (MediaInput const& image : request.images) addresses.images.push_back(find(image));
  if (request.video) addresses.video = find(*request.video);
  return all ? std::optional{std::move(addresses)} : std::nullopt;
}

}  // namespace

net::awaitable<void> Driver::prepare(engine::Prepare order) {
  std::vector<MediaInput> inputs = inputs_of(live(order.task).task.plan.request);
  for (MediaInput& input : inputs) {
    std::optional<Failure> failure = co_await uploads_.ensure(std::move(input));
    if (failure) {
      mailbox_.post(engine::PrepareFailed{order.task, *std::move(failure)});
      co_return;
    }
  }
  mailbox_.post(engine::Prepared{order.task});
}

Request Driver::with_ids(Request request) const {
  for (Element& element : request.elements)
    if (!element.made_by.empty()) {
      element.id = elements_.at(element.made_by).id;
      CALLSHEET_ASSERT(!element.id.empty());  // else the clip would be another, and paid for all the same
    }
  return request;
}

net::awaitable<void> Driver::submit(engine::Submit order) {
  TaskId const id = order.attempt.task;
  Request request = with_ids(live(id).task.plan.request);
  request.quality = order.candidate.quality;
  live(id).bought = order.candidate.quality;
  std::optional<gateway::Addresses> known = addresses_of(request, uploads_);
  // A request without its picture would be another clip, paid for all the same.
  if (!known) {
    Failure failure{.kind = FailureKind::not_sent, .message = "an uploaded file is about to expire"};
    mailbox_.post(engine::InputsLost{order.attempt, std::move(failure)});
    co_return;
  }
  gateway::Addresses addresses = *std::move(known);
  std::string token;
  if (!callbacks_.url.empty()) {
    token = edges_.random_token();
    addresses.callback = callbacks_.url + token;
  }
  gateway::CreateOrder create{.body = edges_.gateway.encode(request, order.candidate.model, addresses),
                              .idempotency_key = idempotency_key_of(run_.nonce, order.attempt),
                              .expected = order.candidate.expected,
                              .most = order.candidate.most};
  ledger::Record intent = ledger::Intent{.attempt = order.attempt,
                                         .model = order.candidate.model,
                                         .quality = order.candidate.quality,
                                         .most = order.candidate.most,
                                         .groups = live(id).task.plan.groups,
                                         .idempotency_key = create.idempotency_key,
                                         .callback_token = token,
                                         .request_body = create.body,
                                         .why = order.why,
                                         .waited = std::string{to_string(order.waited)},
                                         .known_until = run_.known_until,
                                         .gateway_ahead = edges_.gateway.clock_ahead(),
                                         .at = edges_.clock.now()};
  Result<ledger::Receipt> const receipt = co_await writer_.write(std::move(intent));
  if (!receipt) {
    Failure failure{.kind = FailureKind::not_sent, .message = receipt.error().what};
    mailbox_.post(engine::InputsLost{order.attempt, std::move(failure)});
    co_return;
  }
  if (!receipt->granted) {
    if (receipt->cap)
      mailbox_.post(engine::HoldRefused{order.attempt, *receipt->cap, receipt->why});
    else
      mailbox_.post(engine::TakenElsewhere{order.attempt, receipt->why});
    co_return;
  }
  Live& task = live(id);
  if (!task.token.empty()) tokens_.erase(task.token);
  if (!token.empty()) tokens_[token] = order.attempt;
  task.token = token;
  task.order = create;
  task.held = order.candidate.most;
  tell(AttemptBegan{.attempt = order.attempt,
                    .title = title(id),
                    .model = order.candidate.model,
                    .hold = order.candidate.most,
                    .why = std::move(order.why),
                    .prompt = prompt_text(task.task.plan.request)});
  announce_money(order.candidate.most, Credits{}, Credits{});
  mailbox_.post(engine::Sending{order.attempt});
  co_await send_create(order.attempt, std::move(create));
}

net::awaitable<void> Driver::replay(engine::Replay order) {
  gateway::CreateOrder create = live(order.attempt.task).order;
  co_await send_create(order.attempt, std::move(create));
}

net::awaitable<void> Driver::send_create(AttemptKey attempt, gateway::CreateOrder order) {
  auto created = co_await edges_.gateway.create(std::move(order));
  if (edges_.gateway.idempotency_seen() && !std::exchange(idempotency_told_, true))
    co_await remember_idempotency();
  if (!created) {
    Failure failure = std::move(created.error().failure);
    if (created.error().landed == gateway::Landed::no)
      mailbox_.post(engine::Refused{attempt, std::move(failure)});
    else
      mailbox_.post(engine::SubmitUnknown{attempt, std::move(failure)});
    co_return;
  }
  // Law 3: the id is durable before anything else happens with it.
  ledger::Record received =
      ledger::IdReceived{.attempt = attempt, .id = created->id, .at = edges_.clock.now()};
  Result<ledger::Receipt> const durable = co_await writer_.write(std::move(received));
  if (!durable) {
    // The last chance to tell: with this id the clip can be found at the gateway.
    tell(Warned{fmt::format("could not be recorded: attempt {}.{} is the gateway's task {}",
                            index(attempt.task), attempt.ordinal, created->id.str())});
    co_return;
  }
  tell(AttemptRunning{.attempt = attempt, .title = title(attempt.task), .id = created->id});
  mailbox_.post(
      engine::Submitted{attempt, created->id, std::move(created->reserved), created->estimated_time});
}

net::awaitable<void> Driver::remember_idempotency() {
  auto remember = [this] { return edges_.ledger.remember_idempotency(edges_.gateway.name()); };
  Result<void> const remembered = co_await books_.run(std::move(remember));
  if (remembered) mailbox_.post(engine::IdempotencySeen{});
}

net::awaitable<void> Driver::search(engine::Search order) {
  TimePoint const since = order.since + edges_.gateway.clock_ahead().value_or(Duration{0});
  auto list = co_await edges_.gateway.list(since);
  if (!list) {
    mailbox_.post(engine::ListFailed{std::move(list.error())});
    co_return;
  }
  // What was just answered may be on its way to the ledger: a task of our own must not look like a stranger.
  bool const durable = co_await writer_.flush();
  if (!durable) co_return;
  std::vector<GatewayTaskId> ids;
  for (gateway::ListedTask const& task : list->tasks) ids.push_back(task.id);
  struct Known {
    std::vector<bool> ids;
    std::vector<ledger::Undecided> others;
  };
  auto compare = [this, ids, since = order.since]() -> Result<Known> {
    constexpr std::chrono::hours slack{1};
    auto known = edges_.ledger.known_ids(run_.gateway, ids, since - slack);
    if (!known) return fail(known.error());
    auto others = edges_.ledger.undecided(run_.gateway, run_.id);
    if (!others) return fail(others.error());
    return Known{*std::move(known), *std::move(others)};
  };
  Result<Known> const known = co_await books_.run(std::move(compare));
  if (!known) {
    Failure failure{.kind = FailureKind::temporary, .message = known.error().what};
    mailbox_.post(engine::ListFailed{std::move(failure)});
    co_return;
  }
  // From the gateway's clock to ours.
  Duration const ahead = edges_.gateway.clock_ahead().value_or(Duration{0});
  bool const all = list->since == TimePoint::min();
  engine::Listed listed{.strangers = {}, .rivals = {}, .since = all ? TimePoint::min() : list->since - ahead};
  for (std::size_t i = 0; i < list->tasks.size(); ++i) {
    gateway::ListedTask& task = list->tasks[i];
    if (!known->ids[i])
      listed.strangers.push_back(
          {std::move(task.id), std::move(task.model), task.created - ahead, task.duration});
  }
  for (ledger::Undecided const& other : known->others)
    listed.rivals.push_back({other.model, other.submitted});
  mailbox_.post(std::move(listed));
}

/// Whether the task can be the one that was asked for, as far as it tells.
bool Driver::is_ordered(gateway::TaskView const& view, engine::Adopt const& order) const {
  std::optional<Duration> const ahead = edges_.gateway.clock_ahead();
  if (!view.created || !order.created || !ahead) return true;
  TimePoint const created = *view.created - *ahead;
  return order.created->first <= created && created <= order.created->last;
}

net::awaitable<void> Driver::adopt(engine::Adopt order) {
  auto view = co_await edges_.gateway.query(order.id, live(order.attempt.task).order.expected);
  if (!view) {
    mailbox_.post(engine::AdoptFailed{order.attempt, std::move(view.error())});
    co_return;
  }
  if (!is_ordered(*view, order)) {
    Failure failure{.kind = FailureKind::task_unknown, .message = "the task that was named is another's"};
    mailbox_.post(engine::AdoptFailed{order.attempt, std::move(failure)});
    co_return;
  }
  ledger::Record found = ledger::IdReceived{
      .attempt = order.attempt, .id = order.id, .at = edges_.clock.now(), .source = ledger::IdSource::found};
  Result<ledger::Receipt> const receipt = co_await writer_.write(std::move(found));
  if (!receipt || !receipt->granted) {
    Failure failure{.kind = FailureKind::task_unknown,
                    .message = receipt ? receipt->why : receipt.error().what};
    mailbox_.post(engine::AdoptFailed{order.attempt, std::move(failure)});
    co_return;
  }
  tell(AttemptRunning{.attempt = order.attempt, .title = title(order.attempt.task), .id = order.id});
  mailbox_.post(engine::Submitted{order.attempt, order.id, NotTold{}, {}});
}

}  // namespace callsheet::run
