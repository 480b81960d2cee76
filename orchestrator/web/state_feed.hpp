#pragma once

#include "orchestrator/http/server.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace callsheet::web {

/// A page's state as server-sent events, whole, a few a second at most: each reader is given the latest when
/// it has taken the one before, so that nothing piles up for one that is slow. On the io_context's thread.
class StateFeed {
 public:
  /// `io` outlives it. `state` gives the same text while nothing has changed.
  StateFeed(boost::asio::io_context& io, std::function<std::string()> state);
  ~StateFeed();
  StateFeed(StateFeed const&) = delete;
  StateFeed& operator=(StateFeed const&) = delete;

  /// For one more reader; 503 where there are so many already that there is no place for another.
  [[nodiscard]] http::ServerResponse events();
  /// Time has passed: the state is asked for anew if anybody reads and the last time is long enough ago.
  void tick();
  /// Something has changed: the state is asked for at once.
  void refresh();
  /// A reader has said that it has all it wants.
  void note_content();

  /// Hands the readers the last state, and returns when all have what they want, or after a few seconds.
  [[nodiscard]] boost::asio::awaitable<void> farewell();
  /// Tells the readers that there is no more, and returns when they are gone, or soon.
  [[nodiscard]] boost::asio::awaitable<void> close();

 private:
  struct Feed;
  struct Reader;
  static boost::asio::awaitable<std::optional<std::string>> next_event(std::shared_ptr<Reader> reader);
  [[nodiscard]] boost::asio::awaitable<void> fewer(std::chrono::steady_clock::time_point limit);
  void wake();

  std::function<std::string()> state_;
  std::shared_ptr<Feed> feed_;
  std::chrono::steady_clock::time_point asked_;
};

}  // namespace callsheet::web
