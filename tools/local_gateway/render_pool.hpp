#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace callsheet::local_gateway {

/// A few threads for work that blocks, first come first served.
class RenderPool {
 public:
  explicit RenderPool(int threads);
  ~RenderPool();  ///< stop()
  RenderPool(RenderPool const&) = delete;
  RenderPool& operator=(RenderPool const&) = delete;

  void submit(std::function<void()> work);
  /// Forgets what has not begun and waits for what has.
  void stop();

 private:
  void work();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace callsheet::local_gateway
