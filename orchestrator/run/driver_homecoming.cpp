// What is done for an attempt from its task id on: reading it, and keeping what it made.

#include "orchestrator/run/driver.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace callsheet::run {

namespace net = boost::asio;

net::awaitable<void> Driver::poll(engine::Poll order) {
  auto view = co_await edges_.gateway.query(order.id, live(order.attempt.task).order.expected);
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
  if (!makes_clips(live(order.attempt.task).task.plan.request.mode)) {
    news.links.clear();
    if (!view->element.empty()) news.links.push_back(std::move(view->element));
  }
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
  tell(AttemptProgressed{
      .attempt = order.attempt, .title = title(order.attempt.task), .percent = news.percent});
  mailbox_.post(std::move(news));
}

net::awaitable<void> Driver::probe() {
  Result<gateway::Balance> const balance = co_await edges_.gateway.balance();
  bool const away =
      !balance && (balance.error().code == Code::unreachable || balance.error().code == Code::timed_out);
  mailbox_.post(engine::Probed{away ? engine::Reach::away : engine::Reach::there});
}

/// Nothing is downloaded: the id that came as a link is all there is, and durable before anything uses it.
net::awaitable<void> Driver::keep_element(engine::Fetch order) {
  engine::FetchFailed failed{.attempt = order.attempt, .failure = {}, .link = engine::LinkState::alive};
  if (order.links.empty()) {
    failed.failure = Failure{.message = "the finished task names no element"};
    failed.link = engine::LinkState::dead;
    mailbox_.post(std::move(failed));
    co_return;
  }
  TaskId const task = order.attempt.task;
  std::string const id = order.links.front();
  ledger::Record made = ledger::ElementMade{.task = task, .id = id};
  Result<ledger::Receipt> const durable = co_await writer_.write(std::move(made));
  if (!durable) {
    failed.failure = Failure{.message = durable.error().what};
    mailbox_.post(std::move(failed));
    co_return;
  }
  for (auto& [identity, element] : elements_)
    if (element.task == task) element.id = id;
  mailbox_.post(engine::Fetched{.attempt = order.attempt});
}

net::awaitable<void> Driver::fetch(engine::Fetch order) {
  TaskId const id = order.attempt.task;
  if (!makes_clips(live(id).task.plan.request.mode)) {
    co_await keep_element(std::move(order));
    co_return;
  }
  tell(FetchBegan{.attempt = order.attempt, .title = title(id)});
  engine::FetchFailed failed{.attempt = order.attempt, .failure = {}, .link = engine::LinkState::alive};
  if (order.links.empty()) {
    failed.failure = Failure{.message = "the finished task has no link yet"};
    failed.link = engine::LinkState::dead;
    mailbox_.post(std::move(failed));
    co_return;
  }
  LoadedTask const& task = live(id).task;
  Deliveries::Ordered ordered{.request = task.plan.request,
                              .bought = live(id).bought.value_or(task.plan.request.quality)};
  auto home = co_await deliveries_.deliver(id, std::move(order.links.front()), task.clip,
                                           run_.terms.output_dir / task.plan.output, std::move(ordered));
  if (!home) {
    failed.failure = std::move(home.error().failure);
    failed.link = home.error().link_dead ? engine::LinkState::dead : engine::LinkState::alive;
    mailbox_.post(std::move(failed));
    co_return;
  }
  live(id).file = home->clip.path;
  mailbox_.post(engine::Fetched{.attempt = order.attempt,
                                .length = home->clip.length,
                                .mismatch = fmt::format("{}", fmt::join(home->differences, "; "))});
}

}  // namespace callsheet::run
