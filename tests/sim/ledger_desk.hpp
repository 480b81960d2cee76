#pragma once

#include "orchestrator/run/virtual_time.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace callsheet::sim {

/// The ledger's thread as a process sees it: one thing after the other, each taking its time, while
/// everything else goes on. So what was decided and what has become durable are two moments.
class LedgerDesk : public std::enable_shared_from_this<LedgerDesk> {
 public:
  LedgerDesk(run::VirtualTime& time, boost::asio::io_context& io, std::function<Duration()> takes)
      : time_{time}, io_{io}, takes_{std::move(takes)} {}

  class Executor {
   public:
    explicit Executor(LedgerDesk& desk) : desk_{&desk} {}

    [[nodiscard]] boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
      return desk_->io_;
    }
    static constexpr boost::asio::execution::blocking_t::never_t query(
        boost::asio::execution::blocking_t) noexcept {
      return {};
    }
    template <class Work>
    void execute(Work work) const {
      desk_->take([work = std::make_shared<Work>(std::move(work))] { (*work)(); });
    }
    friend bool operator==(Executor const&, Executor const&) noexcept = default;

   private:
    LedgerDesk* desk_;
  };
  [[nodiscard]] Executor executor() { return Executor{*this}; }

 private:
  void take(std::function<void()> work) {
    Duration const takes = takes_();
    if (takes == Duration{0} && waiting_.empty()) return boost::asio::post(io_, std::move(work));
    free_at_ = std::max(free_at_, time_.now()) + takes;
    waiting_.push_back(std::move(work));
    time_.at(free_at_, [weak = weak_from_this()] {
      auto const alive = weak.lock();
      if (!alive) return;
      boost::asio::post(alive->io_, std::move(alive->waiting_.front()));
      alive->waiting_.pop_front();
    });
  }

  run::VirtualTime& time_;
  boost::asio::io_context& io_;
  std::function<Duration()> takes_;
  std::deque<std::function<void()>> waiting_;
  TimePoint free_at_ = TimePoint::min();
};

}  // namespace callsheet::sim
