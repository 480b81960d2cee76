#include "tools/bench/virtual_campaign.hpp"

#include <algorithm>
#include <utility>

namespace callsheet::bench {

namespace {

std::shared_ptr<plan::Route const> one_model() {
  plan::Route route;
  route.candidates.push_back({.model = ModelId{"model"},
                              .quality = Quality::p720,
                              .expected = Credits::whole(1),
                              .most = Credits::whole(1)});
  return std::make_shared<plan::Route const>(std::move(route));
}

engine::PollKind const only_kind{.model = ModelId{"model"},
                                 .quality = Quality::p720,
                                 .duration = std::chrono::seconds{5},
                                 .sound = Sound::off};

}  // namespace

VirtualCampaign::VirtualCampaign(engine::Settings settings, std::size_t tasks, Draw draw, Duration latency)
    : draw_{std::move(draw)},
      latency_{latency},
      engine_{std::move(settings), 1},
      route_{one_model()},
      running_(tasks) {
  made_.reserve(tasks);
  engine_.load_on_demand();
}

void VirtualCampaign::know(engine::DurationKnowledge const& knowledge) {
  engine_.restore(only_kind, knowledge.steps(), 1);
}

engine::DurationKnowledge VirtualCampaign::knowledge() const {
  return engine_.knowledge().begin()->second;
}

void VirtualCampaign::run(std::uint64_t decisions) {
  std::uint64_t const enough = decisions > UINT64_MAX - decisions_ ? UINT64_MAX : decisions_ + decisions;
  while (decisions_ < enough && !engine_.finished()) {
    while (std::optional<engine::Action> const action = engine_.next(now_)) carry_out(*action);
    if (engine_.finished()) return;
    std::optional<TimePoint> const wake = engine_.wake_at(now_);
    TimePoint const next = due_.empty() ? wake.value_or(now_) : due_.front().at;
    now_ = std::max(now_, wake ? std::min(next, *wake) : next);
    while (!due_.empty() && due_.front().at <= now_) {
      std::pop_heap(due_.begin(), due_.end(), Later{});
      engine::Event const event = std::move(due_.back().event);
      due_.pop_back();
      tell(event);
    }
  }
}

void VirtualCampaign::carry_out(engine::Action const& action) {
  ++decisions_;
  if (auto const* const submit = std::get_if<engine::Submit>(&action)) {
    tell(engine::Sending{submit->attempt});
    Running& running = running_[index(submit->attempt.task)];
    running.number = made_.size();
    made_.push_back({.duration = draw_(made_.size())});
    running.ends = now_ + latency_ + made_.back().duration;
    answer(latency_, engine::Submitted{.attempt = submit->attempt,
                                       .id = GatewayTaskId{"task"},
                                       .reserved = NotTold{},
                                       .estimated_time = estimated_});
  } else if (auto const* const poll = std::get_if<engine::Poll>(&action)) {
    Running const& running = running_[index(poll->attempt.task)];
    Made& made = made_[running.number];
    ++made.reads;
    bool const ended = now_ >= running.ends;
    if (ended) made.unseen = now_ - running.ends;
    answer(latency_,
           engine::Polled{.attempt = poll->attempt,
                          .progress = ended ? engine::Progress::completed : engine::Progress::running,
                          .links = ended ? std::vector<std::string>{"link"} : std::vector<std::string>{},
                          .failure = {},
                          .charged = {}});
  } else if (auto const* const fetch = std::get_if<engine::Fetch>(&action)) {
    answer(latency_, engine::Fetched{fetch->attempt, std::chrono::seconds{5}});
  } else if (auto const* const order = std::get_if<engine::Load>(&action)) {
    load(order->count);
  }
}

void VirtualCampaign::load(std::size_t count) {
  for (; count > 0 && loaded_ < running_.size(); --count)
    engine_.add(
        {.id = TaskId{static_cast<std::uint32_t>(loaded_++)}, .route = route_, .groups = {}, .past = {}},
        now_);
  tell(engine::Loaded{.all = loaded_ == running_.size()});
}

void VirtualCampaign::answer(Duration after, engine::Event event) {
  if (after == Duration{0}) return tell(event);
  due_.push_back({now_ + after, ordered_++, std::move(event)});
  std::push_heap(due_.begin(), due_.end(), Later{});
}

void VirtualCampaign::tell(engine::Event const& event) {
  ++decisions_;
  engine_.on(event, now_);
}

}  // namespace callsheet::bench
