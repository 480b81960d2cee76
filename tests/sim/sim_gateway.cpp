#include "tests/sim/sim_gateway.hpp"

#include "orchestrator/gateway/codec.hpp"

#include <sstream>

#include <fmt/format.h>

namespace callsheet::sim {

namespace net = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration patience_for_answers = 30s;

Failure failure(FailureKind kind, std::string message = {}) {
  return {.kind = kind, .message = message.empty() ? std::string{to_string(kind)} : std::move(message)};
}

GatewayModel::Order order_from(gateway::CreateOrder const& create) {
  std::istringstream in{create.body};
  GatewayModel::Order order;
  in >> order.model >> order.quality >> order.seconds >> order.callback_url;
  if (order.callback_url == "-") order.callback_url.clear();
  in.get();
  std::getline(in, order.prompt);
  for (std::string element; std::getline(in, element);) order.elements.push_back(element);
  order.key = create.idempotency_key;
  return order;
}

double raw_of(Credits amount, ToldIn unit) {
  double const units = static_cast<double>(amount.units());
  return unit == ToldIn::credits ? units / Credits::units_per_credit : units;
}

}  // namespace

std::string SimGateway::encode(Request const& request, ModelId const& model,
                               gateway::Addresses const& addresses) const {
  std::string body =
      fmt::format("{} {} {} {}\n{}", model.str(), to_string(request.quality), request.duration.count(),
                  addresses.callback.empty() ? "-" : addresses.callback, request.prompt);
  for (Element const& element : request.elements) body += "\n" + element.id;
  return body;
}

SimGateway::CreateResult SimGateway::result_of(GatewayModel::Answer const& answer, Credits expected) {
  note_date();
  if (answer.replayed) edges_.watch.met("a replay is answered");
  if (answer.replayed || edges_.weather.announces) idempotency_seen_ = true;
  if (!answer.id) {
    bool const certain = answer.status != 500;
    return tl::unexpected<gateway::CreateFailure>{
        {certain ? gateway::Landed::no : gateway::Landed::unknown, answer.failure}};
  }
  gateway::Created created{.id = GatewayTaskId{*answer.id}, .reserved = NotTold{}, .estimated_time = 300s};
  Credits const reserved = edges_.model.find(*answer.id)->reserved;
  switch (edges_.weather.told_in) {
    case ToldIn::credits:
    case ToldIn::units:
      created.reserved =
          gateway::read_reserved(raw_of(reserved, edges_.weather.told_in), to_string(reserved), expected);
      break;
    case ToldIn::nothing:
      break;
    case ToldIn::nonsense:
      created.reserved =
          gateway::read_reserved(7, "7", expected);  // gateway-api.md section 6: seen in the wild
      break;
  }
  return created;
}

net::awaitable<SimGateway::CreateResult> SimGateway::create(gateway::CreateOrder order) {
  GatewayModel::Order const ordered = order_from(order);
  edges_.watch.touch("create is about to leave");
  edges_.watch.create_leaves(ordered.model, ordered.key);
  auto const answer = std::make_shared<run::Answer<CreateResult>>(executor_);
  auto const give = [weak = std::weak_ptr{answer}](CreateResult result) {
    if (auto const alive = weak.lock()) alive->give(std::move(result));
  };
  auto const fails = [](gateway::Landed landed, FailureKind kind, char const* message) {
    return CreateResult{tl::unexpected<gateway::CreateFailure>{{landed, failure(kind, message)}}};
  };
  run::VirtualTime& time = edges_.time;
  TimePoint const sent = time.now();
  bool const down = edges_.outage();
  if (edges_.dice.chance(edges_.weather.not_sent) || (down && edges_.dice.chance(70))) {
    time.at(sent + latency(),
            [give, fails] { give(fails(gateway::Landed::no, FailureKind::not_sent, "no route")); });
  } else if (down || edges_.dice.chance(edges_.weather.lost_requests)) {
    time.at(sent + patience_for_answers, [give, fails] {
      give(fails(gateway::Landed::unknown, FailureKind::unknown, "no answer in time"));
    });
  } else {
    // From here on the packet is on its way: everything it does outlives this process.
    Duration const back = latency();
    bool const twice = edges_.dice.chance(edges_.weather.duplicates);
    bool const answer_lost = edges_.dice.chance(edges_.weather.lost_answers);
    bool const storm = edges_.storm();
    auto arrives = [this_weak = std::weak_ptr{answer}, self = this, model = &edges_.model,
                    watch = &edges_.watch, clock = &time, ordered, give, fails, back, twice, answer_lost,
                    storm, sent, expected = order.expected] {
      watch->elsewhere("create arrives");
      GatewayModel::Answer taken;
      if (storm)
        taken = {.id = {},
                 .failure = {.kind = FailureKind::rate_limited, .message = "storm", .retry_after = 20s},
                 .status = 429};
      else
        taken = model->create(ordered);
      // What is turned away is not repeated by any box on the way.
      if (twice && taken.id) static_cast<void>(model->create(ordered));
      watch->elsewhere("create was acted on");
      if (answer_lost) {
        clock->at(sent + patience_for_answers, [give, fails] {
          give(fails(gateway::Landed::unknown, FailureKind::unknown, "no answer in time"));
        });
        return;
      }
      clock->at(clock->now() + back, [this_weak, self, watch, taken, give, expected] {
        if (this_weak.expired()) return;  // the process is gone, and `self` with it
        watch->elsewhere("create is answered");
        give(self->result_of(taken, expected));
      });
    };
    time.at(sent + latency(), std::move(arrives));
  }
  CreateResult result = co_await run::wait_for(answer);
  edges_.watch.create_over(ordered.key);
  if (result) edges_.watch.id_given(ordered.key, result->id.str());
  co_return result;
}

void SimGateway::note_date() {
  TimePoint const here = edges_.time.now() + edges_.client_ahead;
  clock_ahead_ = std::chrono::floor<std::chrono::seconds>(edges_.time.now()) - here;
}

net::awaitable<std::optional<Failure>> SimGateway::exchange(Limited limited) {
  auto const answer = std::make_shared<run::Answer<std::optional<Failure>>>(executor_);
  auto const give = [weak = std::weak_ptr{answer}](std::optional<Failure> result) {
    if (auto const alive = weak.lock()) alive->give(std::move(result));
  };
  edges_.watch.touch("a request leaves");
  if (limited == Limited::yes) edges_.watch.request_leaves();
  if (edges_.outage() || edges_.dice.chance(edges_.weather.not_sent / 2 + edges_.weather.lost_answers / 3))
    edges_.time.at(edges_.time.now() + latency() * 5, [give] { give(failure(FailureKind::not_sent)); });
  else if (edges_.storm())
    edges_.time.at(edges_.time.now() + latency(), [give] {
      Failure slow = failure(FailureKind::rate_limited);
      slow.retry_after = 5s;
      give(std::move(slow));
    });
  else
    edges_.time.at(edges_.time.now() + latency(), [give] { give(std::nullopt); });
  std::optional<Failure> result = co_await run::wait_for(answer);
  edges_.watch.touch("a request is answered");
  if (!result) note_date();
  co_return result;
}

gateway::TaskView SimGateway::view_of(GatewayModel::Task const& task, Credits expected) const {
  gateway::TaskView view;
  view.created = std::chrono::floor<std::chrono::seconds>(task.created);
  switch (task.state) {
    case GatewayModel::State::running:
      view.status = gateway::TaskStatus::running;
      break;
    case GatewayModel::State::completed:
      view.status = gateway::TaskStatus::completed;
      view.links = {task.id};
      view.element = GatewayModel::element_of(task);
      if (edges_.weather.tells_charge)
        view.charged = gateway::read_charge(raw_of(task.charged, ToldIn::credits), expected);
      break;
    case GatewayModel::State::failed:
      view.status = gateway::TaskStatus::failed;
      view.failure = failure(task.failure);
      view.refund_seen = edges_.weather.tells_charge && edges_.weather.refunds_failed;
      if (edges_.weather.tells_charge && !edges_.weather.refunds_failed)
        view.charged = gateway::read_charge(raw_of(task.charged, ToldIn::credits), expected);
      break;
  }
  return view;
}

net::awaitable<tl::expected<gateway::TaskView, Failure>> SimGateway::query(GatewayTaskId id,
                                                                           Credits expected) {
  edges_.watch.poll_leaves(id.str());
  std::optional<Failure> broken = co_await exchange(Limited::yes);
  if (broken) co_return tl::unexpected<Failure>{*std::move(broken)};
  GatewayModel::Task const* const task = edges_.model.find(id.str());
  if (task == nullptr || edges_.dice.chance(edges_.weather.unknown_reads)) {
    Failure unknown = failure(FailureKind::task_unknown);
    co_return tl::unexpected<Failure>{std::move(unknown)};
  }
  co_return view_of(*task, expected);
}

net::awaitable<tl::expected<gateway::TaskList, Failure>> SimGateway::list(TimePoint since) {
  std::optional<Failure> broken = co_await exchange(Limited::yes);
  if (broken) co_return tl::unexpected<Failure>{*std::move(broken)};
  gateway::TaskList list;
  list.since = TimePoint::min();
  for (GatewayModel::Task const* task : edges_.model.list(since))
    list.tasks.push_back({.id = GatewayTaskId{task->id},
                          .model = ModelId{task->order.model},
                          .created = std::chrono::floor<std::chrono::seconds>(task->created),
                          .duration = std::chrono::seconds{task->order.seconds}});
  co_return list;
}

net::awaitable<Result<gateway::Balance>> SimGateway::balance() {
  std::optional<Failure> broken = co_await exchange(Limited::no);
  if (broken && broken->kind == FailureKind::not_sent) co_return fail(Code::unreachable, "no route");
  co_return gateway::Balance{.account = Credits::whole(1'000'000), .key = {}};
}

net::awaitable<tl::expected<gateway::UploadedFile, Failure>> SimGateway::upload(gateway::InputFile& file) {
  file.rewind();
  for (std::uint64_t left = file.size_bytes(); left > 0;) {
    Result<std::string_view> const piece = co_await file.next();
    if (!piece) co_return tl::unexpected<Failure>{failure(FailureKind::not_sent)};
    left -= piece->size();
  }
  std::optional<Failure> broken = co_await exchange(Limited::no);
  if (broken) co_return tl::unexpected<Failure>{*std::move(broken)};
  gateway::UploadedFile uploaded{.url = "https://files.example" + file.name(),
                                 .expires = edges_.time.now() + 72h};
  co_return uploaded;
}

net::awaitable<tl::expected<gateway::Downloaded, gateway::DownloadFailure>> SimGateway::download(
    std::string link, std::filesystem::path to) {
  std::optional<Failure> broken = co_await exchange(Limited::no);
  bool const dead = edges_.dice.chance(edges_.weather.dead_links);
  if (broken || dead || edges_.dice.chance(edges_.weather.failed_downloads)) {
    gateway::DownloadFailure failed{.failure = failure(FailureKind::bad_clip), .link_dead = dead};
    co_return tl::unexpected<gateway::DownloadFailure>{std::move(failed)};
  }
  GatewayModel::Task const* const task = edges_.model.find(link);
  edges_.files.write(to, {.content = task->id, .length = std::chrono::seconds{task->length_s}});
  gateway::Downloaded downloaded{.size_bytes = 1000};
  co_return downloaded;
}

}  // namespace callsheet::sim
