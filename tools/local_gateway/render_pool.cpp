#include "tools/local_gateway/render_pool.hpp"

#include <algorithm>

namespace callsheet::local_gateway {

RenderPool::RenderPool(int threads) {
  for (int i = 0; i < std::max(1, threads); ++i) threads_.emplace_back([this] { work(); });
}

RenderPool::~RenderPool() {
  stop();
}

void RenderPool::submit(std::function<void()> work) {
  {
    std::lock_guard const lock{mutex_};
    if (stopped_) return;
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void RenderPool::stop() {
  {
    std::lock_guard const lock{mutex_};
    stopped_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

void RenderPool::work() {
  while (true) {
    std::function<void()> next;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return stopped_ || !waiting_.empty(); });
      if (stopped_) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next();
  }
}

}  // namespace callsheet::local_gateway
