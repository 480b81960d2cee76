#include "orchestrator/run/driver.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/core/overloaded.hpp"
#include "orchestrator/run/blocking.hpp"
#include "orchestrator/run/clip_store.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace callsheet::run {

namespace net = boost::asio;

namespace {

std::uint64_t seed_of(RunId const& run) {
  return std::stoull(sha256_hex(run.str()).substr(0, 16), nullptr, 16);
}

/// The same for every replay of an attempt, different for every other: 16 to 96 characters (gateway-api.md
/// 11).
std::string idempotency_key_of(RunId const& run, AttemptKey attempt) {
  return "cs_" +
         sha256_hex(fmt::format("{}/{}/{}", run.str(), index(attempt.task), attempt.ordinal)).substr(0, 32);
}

Failure failure_from(Error const& error) {
  FailureKind const kind = error.code == Code::bad_clip ? FailureKind::bad_clip : FailureKind::temporary;
  return {.kind = kind, .message = error.what};
}

}  // namespace

Driver::Driver(net::any_io_executor executor, Edges edges, RunId run, plan::Plan const& plan, Past past,
               engine::Settings settings)
    : executor_{std::move(executor)},
      edges_{edges},
      run_{std::move(run)},
      plan_{plan},
      past_{std::move(past)},
      engine_{std::move(settings), seed_of(run_)},
      mailbox_{executor_, edges_.clock},
      children_{executor_},
      writer_{executor_, edges_.ledger_pool, edges_.ledger, run_,
              [this](Error const& error) { fail_run(error); }},
      uploads_{executor_, edges_.gateway, edges_.ledger, edges_.ledger_pool, edges_.file_pool, edges_.clock} {
  add_tasks();
}

void Driver::add_tasks() {
  for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
    TaskId const id{static_cast<std::uint32_t>(i)};
    TaskOutcome const outcome = past_.outcomes.empty() ? TaskOutcome::outstanding : past_.outcomes[i];
    std::vector<engine::PastAttempt> past = past_attempts_of(id);
    // A doubt without an attempt of its own is another run's: that run settles it.
    bool const own_doubt = outcome == TaskOutcome::in_doubt && !past.empty();
    if (outcome != TaskOutcome::outstanding && !own_doubt) {
      engine_.add_ended(past);
      continue;
    }
    Request const& request = plan_.tasks[i].request;
    auto const is_file = [](auto const& image) { return image && image->kind == ImageInput::Kind::file; };
    engine::TaskSpec spec{.route = plan_.tasks[i].route,
                          .priority = plan_.tasks[i].priority,
                          .has_inputs = is_file(request.image_start) || is_file(request.image_end),
                          .past = std::move(past)};
    engine_.add(std::move(spec));
  }
  for (ledger::AttemptRecord const& attempt : past_.attempts) {
    held_ += attempt.held;
    billed_ += attempt.billed;
    refund_expected_ += attempt.refund_expected;
    plan::Route const& route = task(attempt.key.task).route;
    auto const used = std::find_if(
        route.candidates.begin(), route.candidates.end(),
        [&](plan::Candidate const& c) { return c.model == attempt.model && c.quality == attempt.quality; });
    Credits const expected = used != route.candidates.end() ? used->expected : attempt.held;
    live_[attempt.key] = {{attempt.request_body, attempt.idempotency_key, expected}, attempt.held};
  }
}

std::vector<engine::PastAttempt> Driver::past_attempts_of(TaskId id) const {
  std::vector<engine::PastAttempt> past;
  auto const first = std::partition_point(past_.attempts.begin(), past_.attempts.end(),
                                          [&](ledger::AttemptRecord const& a) { return a.key.task < id; });
  for (auto attempt = first; attempt != past_.attempts.end() && attempt->key.task == id; ++attempt)
    past.push_back(
        {.ordinal = attempt->key.ordinal,
         .candidate = {.model = attempt->model, .quality = attempt->quality, .expected = {}, .most = {}},
         .state = attempt->state,
         .id = attempt->task_id,
         .held = attempt->held,
         .spent = attempt->billed + attempt->refund_expected,
         .submitted = attempt->submitted});
  return past;
}

net::awaitable<Result<Ending>> Driver::run() {
  announce_money(Credits{}, Credits{}, Credits{});
  while (!engine_.finished() && !failure_ && !abandoned_) {
    TimePoint const now = edges_.clock.now();
    while (std::optional<engine::Action> action = engine_.next(now))
      if (!record(*action)) children_.spawn(carry_out(std::move(*action)));
    if (engine_.finished()) break;
    std::optional<engine::Event> event = co_await mailbox_.wait(engine_.wake_at(now));
    if (event) engine_.on(*event, edges_.clock.now());
  }
  if (failure_ || abandoned_) co_await children_.cancel_until_empty();
  co_await children_.join();
  bool const durable = co_await writer_.flush();
  if (failure_ || !durable) co_return fail(*failure_);
  co_return abandoned_ ? Ending::abandoned : Ending::finished;
}

void Driver::drain(std::string why) {
  tell(Draining{.why = why, .in_flight = engine_.standing().in_flight});
  engine_.on(engine::StopRequested{.why = std::move(why)}, edges_.clock.now());
  mailbox_.interrupt();
}

void Driver::abandon() {
  abandoned_ = true;
  mailbox_.interrupt();
}

void Driver::fail_run(Error const& error) {
  failure_ = error;
  mailbox_.interrupt();
}

bool Driver::record(engine::Action const& action) {
  TimePoint const now = edges_.clock.now();
  return std::visit(
      Overloaded{
          [&](engine::Settle const& order) {
            Credits const held = std::exchange(live_[order.attempt].held, Credits{});
            writer_.post(ledger::Settled{.attempt = order.attempt, .billed = order.billed, .at = now});
            announce_money(-held, order.billed, Credits{});
            return true;
          },
          [&](engine::Release const& order) {
            Credits const held = std::exchange(live_[order.attempt].held, Credits{});
            writer_.post(ledger::Released{.attempt = order.attempt, .failure = order.failure, .at = now});
            announce_money(-held, Credits{}, Credits{});
            tell(AttemptTroubled{.attempt = order.attempt, .failure = order.failure});
            return true;
          },
          [&](engine::BookFailure const& order) {
            Credits const held = std::exchange(live_[order.attempt].held, Credits{});
            bool const seen = order.refund == engine::Refund::seen;
            writer_.post(ledger::FailureBooked{
                .attempt = order.attempt, .failure = order.failure, .refund_seen = seen, .at = now});
            announce_money(-held, Credits{}, seen ? Credits{} : held);
            tell(AttemptTroubled{.attempt = order.attempt, .failure = order.failure});
            return true;
          },
          [&](engine::MarkInDoubt const& order) {
            writer_.post(ledger::Doubted{.attempt = order.attempt, .failure = order.failure, .at = now});
            tell(AttemptTroubled{.attempt = order.attempt, .failure = order.failure, .in_doubt = true});
            return true;
          },
          [&](engine::Finish const& order) {
            writer_.post(
                ledger::TaskEnded{.task = order.task, .outcome = order.outcome, .why = order.why, .at = now});
            live_.erase(live_.lower_bound({order.task, 0}), live_.upper_bound({order.task, UINT32_MAX}));
            tell(TaskClosed{.task = order.task, .outcome = order.outcome, .why = order.why});
            return true;
          },
          [](auto const&) { return false; },
      },
      action);
}

void Driver::announce_money(Credits held, Credits billed, Credits refund_expected) {
  held_ += held;
  billed_ += billed;
  refund_expected_ += refund_expected;
  tell(MoneyMoved{.held = held_, .billed = billed_, .refund_expected = refund_expected_});
}

net::awaitable<void> Driver::carry_out(engine::Action action) {
  if (auto const* order = std::get_if<engine::Prepare>(&action)) co_await prepare(*order);
  if (auto* order = std::get_if<engine::Submit>(&action)) co_await submit(std::move(*order));
  if (auto const* order = std::get_if<engine::Replay>(&action)) co_await replay(*order);
  if (auto* order = std::get_if<engine::Poll>(&action)) co_await poll(std::move(*order));
  if (auto* order = std::get_if<engine::Fetch>(&action)) co_await fetch(std::move(*order));
}

net::awaitable<void> Driver::prepare(engine::Prepare order) {
  Request const& request = task(order.task).request;
  for (std::optional<ImageInput> const* image : {&request.image_start, &request.image_end}) {
    if (!*image) continue;
    ImageInput input = **image;
    std::optional<Failure> failure = co_await uploads_.ensure(std::move(input));
    if (failure) {
      mailbox_.post(engine::PrepareFailed{order.task, *std::move(failure)});
      co_return;
    }
  }
  mailbox_.post(engine::Prepared{order.task});
}

net::awaitable<void> Driver::submit(engine::Submit order) {
  Request request = task(order.attempt.task).request;
  request.quality = order.candidate.quality;
  // A request without its picture would be another clip, paid for all the same.
  bool const start_lost = request.image_start && uploads_.address_of(request.image_start).empty();
  bool const end_lost = request.image_end && uploads_.address_of(request.image_end).empty();
  if (start_lost || end_lost) {
    Failure failure{.kind = FailureKind::not_sent, .message = "an uploaded picture is about to expire"};
    mailbox_.post(engine::InputsLost{order.attempt, std::move(failure)});
    co_return;
  }
  std::string body =
      edges_.gateway.encode(request, order.candidate.model, uploads_.address_of(request.image_start),
                            uploads_.address_of(request.image_end));
  gateway::CreateOrder create{.body = std::move(body),
                              .idempotency_key = idempotency_key_of(run_, order.attempt),
                              .expected = order.candidate.expected};
  ledger::Record intent = ledger::Intent{.attempt = order.attempt,
                                         .model = order.candidate.model,
                                         .quality = order.candidate.quality,
                                         .most = order.candidate.most,
                                         .idempotency_key = create.idempotency_key,
                                         .request_body = create.body,
                                         .at = edges_.clock.now()};
  Result<ledger::Receipt> const receipt = co_await writer_.write(std::move(intent));
  if (!receipt) co_return;  // the writer has told fail_run; nothing was sent
  if (!receipt->granted) {
    mailbox_.post(engine::HoldRefused{order.attempt, receipt->why});
    co_return;
  }
  live_[order.attempt] = {create, order.candidate.most};
  tell(AttemptBegan{.attempt = order.attempt, .model = order.candidate.model, .hold = order.candidate.most});
  announce_money(order.candidate.most, Credits{}, Credits{});
  co_await send_create(order.attempt, std::move(create));
}

net::awaitable<void> Driver::replay(engine::Replay order) {
  gateway::CreateOrder create = live_[order.attempt].order;
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
    Failure failure{.message = "could not be recorded; the gateway's task id is " + created->id.str()};
    tell(AttemptTroubled{.attempt = attempt, .failure = std::move(failure), .in_doubt = true});
    co_return;
  }
  tell(AttemptRunning{.attempt = attempt, .id = created->id});
  mailbox_.post(engine::Submitted{attempt, created->id, created->reserved, created->estimated_time});
}

net::awaitable<void> Driver::remember_idempotency() {
  auto remember = [this] { return edges_.ledger.remember_idempotency(edges_.gateway.name()); };
  Result<void> const remembered = co_await run_blocking(edges_.ledger_pool, std::move(remember));
  if (remembered) mailbox_.post(engine::IdempotencySeen{});
}

net::awaitable<void> Driver::poll(engine::Poll order) {
  auto view = co_await edges_.gateway.query(order.id, live_[order.attempt].order.expected);
  if (!view) {
    mailbox_.post(engine::PollFailed{order.attempt, std::move(view.error())});
    co_return;
  }
  engine::Polled news{.attempt = order.attempt,
                      .percent = view->percent,
                      .links = std::move(view->links),
                      .failure = std::move(view->failure),
                      .charged = view->charged,
                      .refund_seen = view->refund_seen};
  switch (view->status) {
    case gateway::TaskStatus::running:
      news.progress = engine::Progress::running;
      break;
    case gateway::TaskStatus::completed:
      news.progress = engine::Progress::completed;
      break;
    case gateway::TaskStatus::failed:
      news.progress = engine::Progress::failed;
      break;
  }
  tell(AttemptProgressed{.attempt = order.attempt, .percent = news.percent});
  mailbox_.post(std::move(news));
}

net::awaitable<void> Driver::fetch(engine::Fetch order) {
  tell(FetchBegan{.attempt = order.attempt});
  engine::FetchFailed failed{.attempt = order.attempt, .failure = {}, .link = engine::LinkState::alive};
  std::filesystem::path const wanted = plan_.output_dir / task(order.attempt.task).output;
  auto make_folder = [wanted] { return partial_path(wanted); };
  Result<std::filesystem::path> const partial =
      co_await run_blocking(edges_.file_pool, std::move(make_folder));
  if (!partial || order.links.empty()) {
    failed.failure =
        partial ? Failure{.message = "the finished task has no link yet"} : failure_from(partial.error());
    failed.link = partial ? engine::LinkState::dead : engine::LinkState::alive;
    mailbox_.post(std::move(failed));
    co_return;
  }
  auto downloaded = co_await edges_.gateway.download(order.links.front(), *partial);
  if (downloaded) {
    Result<void> const home = co_await bring_home(order.attempt, *partial);
    if (home) {
      mailbox_.post(engine::Fetched{order.attempt});
      co_return;
    }
    failed.failure = failure_from(home.error());
  } else {
    failed.failure = downloaded.error().failure;
    failed.link = downloaded.error().link_dead ? engine::LinkState::dead : engine::LinkState::alive;
  }
  std::error_code ignored;
  std::filesystem::remove(*partial, ignored);
  mailbox_.post(std::move(failed));
}

/// The clip's place is recorded before the file appears there, so that after a crash the same place is known
/// to be this clip's own; any other file of that name is left alone.
net::awaitable<Result<void>> Driver::bring_home(AttemptKey attempt, std::filesystem::path partial) {
  std::filesystem::path const wanted = plan_.output_dir / task(attempt.task).output;
  auto const known = past_.clips.find(attempt.task);
  std::string const own_place = known != past_.clips.end() ? known->second.path : "";
  auto check = [partial, wanted, own_place]() -> Result<ledger::ClipRecord> {
    Result<ledger::ClipRecord> clip = check_download(partial);
    if (clip) clip->path = own_place.empty() ? free_path(wanted).string() : own_place;
    return clip;
  };
  Result<ledger::ClipRecord> clip = co_await run_blocking(edges_.file_pool, std::move(check));
  if (!clip) co_return fail(clip.error());
  past_.clips[attempt.task] = *clip;
  ledger::Record stored = ledger::ClipStored{.task = attempt.task, .clip = *clip};
  Result<ledger::Receipt> const durable = co_await writer_.write(std::move(stored));
  if (!durable) co_return fail(durable.error());
  auto rename = [partial, place = clip->path] { return publish(partial, place); };
  co_return co_await run_blocking(edges_.file_pool, std::move(rename));
}

}  // namespace callsheet::run
