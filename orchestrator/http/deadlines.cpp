#include "orchestrator/http/deadlines.hpp"

namespace callsheet::http {

namespace {

/// How late an exchange may be ended.
constexpr std::chrono::milliseconds look_every{100};

}  // namespace

Deadlines::Deadlines(boost::asio::any_io_executor const& executor) : timer_{executor} {}

void Deadlines::watch(Watched& watched) {
  bool const first = watched_.empty();
  watched_.push_back(watched);
  if (first) look_later();
}

void Deadlines::leave(Watched& watched) {
  watched.unlink();
  if (watched_.empty()) timer_.cancel();
}

void Deadlines::look_later() {
  timer_.expires_after(look_every);
  timer_.async_wait([self = weak_from_this()](boost::system::error_code error) {
    auto const deadlines = self.lock();
    if (error || !deadlines || deadlines->watched_.empty()) return;
    TimePoint const now = std::chrono::steady_clock::now();
    for (Watched& watched : deadlines->watched_)
      if (watched.due <= now) watched.give_up();
    deadlines->look_later();
  });
}

}  // namespace callsheet::http
