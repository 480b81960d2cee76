#include "orchestrator/forecast/modelled_gateway.hpp"

#include "orchestrator/run/late_answer.hpp"

#include <memory>
#include <sstream>

#include <fmt/format.h>

namespace callsheet::forecast {

namespace net = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr char const* no_address = "-";

struct Ordered {
  engine::PollKind kind;
  std::string callback;
};

Ordered read_order(std::string const& body) {
  std::istringstream in{body};
  std::string model, quality, sound;
  int seconds = 0;
  Ordered order;
  in >> model >> quality >> seconds >> sound >> order.callback;
  order.kind = {.model = ModelId{model},
                .quality = parse_quality(quality).value_or(Quality::p720),
                .duration = std::chrono::seconds{seconds},
                .sound = sound == to_string(Sound::on) ? Sound::on : Sound::off};
  return order;
}

Failure failure_of(FailureKind kind) {
  return {.kind = kind, .message = std::string{to_string(kind)}};
}

}  // namespace

std::string ModelledGateway::encode(Request const& request, ModelId const& model,
                                    gateway::Addresses const& addresses) const {
  return fmt::format("{} {} {} {} {}", model.str(), to_string(request.quality), request.duration.count(),
                     to_string(request.sound), addresses.callback.empty() ? no_address : addresses.callback);
}

net::awaitable<void> ModelledGateway::pass(Duration time) {
  auto const over = std::make_shared<run::Answer<bool>>(executor_);
  around_.time.at(around_.time.now() + time, [weak = std::weak_ptr{over}] {
    if (auto const waiting = weak.lock()) waiting->give(true);
  });
  co_await run::wait_for(over);
}

gateway::Created ModelledGateway::receipt(std::string const& id) const {
  return {.id = GatewayTaskId{id}, .reserved = Told{tasks_.at(id).price}, .estimated_time = {}};
}

ModelledGateway::CreateResult ModelledGateway::take(gateway::CreateOrder const& order) {
  if (auto const earlier = by_key_.find(order.idempotency_key); earlier != by_key_.end())
    return receipt(earlier->second);
  Ordered const ordered = read_order(order.body);
  Fate const fate = around_.beliefs.draw_fate(ordered.kind.model, around_.random);
  if (fate.kind == Fate::Kind::refused)
    return tl::unexpected<gateway::CreateFailure>{{gateway::Landed::no, failure_of(fate.failure)}};
  gateway::CreateFailure const silence{gateway::Landed::unknown, failure_of(FailureKind::unknown)};
  // As likely as not it has arrived.
  if (fate.kind == Fate::Kind::doubted && around_.random.between(0, 1) == 0)
    return tl::unexpected<gateway::CreateFailure>{silence};
  std::string const id = fmt::format("task-{}", tasks_.size() + 1);
  TimePoint const now = around_.time.now();
  TimePoint const ends = now + around_.beliefs.draw_duration(ordered.kind, around_.random);
  tasks_.emplace(
      id, Task{.kind = ordered.kind, .fate = fate, .price = order.expected, .created = now, .ends = ends});
  by_key_.emplace(order.idempotency_key, id);
  if (ordered.callback != no_address)
    around_.time.at(ends + around_.beliefs.assumed().request, [this, address = ordered.callback, id] {
      around_.call_back(address, GatewayTaskId{id});
    });
  if (fate.kind == Fate::Kind::doubted) return tl::unexpected<gateway::CreateFailure>{silence};
  return receipt(id);
}

net::awaitable<ModelledGateway::CreateResult> ModelledGateway::create(gateway::CreateOrder order) {
  co_await pass(around_.beliefs.assumed().request);
  co_return take(order);
}

net::awaitable<tl::expected<gateway::TaskView, Failure>> ModelledGateway::query(GatewayTaskId id,
                                                                                Credits /*expected*/) {
  co_await pass(around_.beliefs.assumed().request);
  auto const found = tasks_.find(id.str());
  if (found == tasks_.end()) {
    Failure unknown = failure_of(FailureKind::task_unknown);
    co_return tl::unexpected<Failure>{std::move(unknown)};
  }
  Task const& task = found->second;
  gateway::TaskView view;
  view.created = task.created;
  if (around_.time.now() < task.ends) co_return view;
  if (task.fate.kind == Fate::Kind::failed) {
    view.status = gateway::TaskStatus::failed;
    view.failure = failure_of(task.fate.failure);
    view.refund_seen = !task.fate.charged;
    if (task.fate.charged) view.charged = task.price;
    co_return view;
  }
  view.status = gateway::TaskStatus::completed;
  view.links = {id.str()};
  view.element = id.str();
  co_return view;
}

net::awaitable<tl::expected<gateway::TaskList, Failure>> ModelledGateway::list(TimePoint since) {
  co_await pass(around_.beliefs.assumed().request);
  gateway::TaskList list;
  list.since = TimePoint::min();
  for (auto const& [id, task] : tasks_)
    if (task.created >= since)
      list.tasks.push_back({.id = GatewayTaskId{id},
                            .model = task.kind.model,
                            .created = task.created,
                            .duration = task.kind.duration});
  co_return list;
}

net::awaitable<Result<gateway::Balance>> ModelledGateway::balance() {
  co_await pass(around_.beliefs.assumed().request);
  co_return gateway::Balance{.account = Credits::whole(1'000'000'000), .key = {}};
}

net::awaitable<tl::expected<gateway::UploadedFile, Failure>> ModelledGateway::upload(
    gateway::InputFile& file) {
  co_await pass(around_.beliefs.assumed().download);
  gateway::UploadedFile uploaded{.url = file.name(), .expires = around_.time.now() + 72h};
  co_return uploaded;
}

net::awaitable<tl::expected<gateway::Downloaded, gateway::DownloadFailure>> ModelledGateway::download(
    std::string link, std::filesystem::path to) {
  co_await pass(around_.beliefs.assumed().download);
  around_.files.downloaded(to, tasks_.at(link).kind.duration);
  gateway::Downloaded downloaded{.size_bytes = 1};
  co_return downloaded;
}

}  // namespace callsheet::forecast
