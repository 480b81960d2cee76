#include "orchestrator/web/state_feed.hpp"

#include "orchestrator/web/private_site.hpp"

#include <cstdint>
#include <set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::web {

namespace {

namespace net = boost::asio;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t readers_most = 16;
constexpr auto states_apart = 400ms;
/// A reader that has left is seen when it is written to.
constexpr auto silence_most = 5s;
/// At the end: for what the pages still load, and then for their connections to close.
constexpr auto farewell_most = 2s;
constexpr auto closing_most = 500ms;

}  // namespace

/// The latest state and who reads it. Readers may outlive the page, by as long as their connections take to
/// close.
struct StateFeed::Feed {
  explicit Feed(net::io_context& on) : io{on}, fewer{on} {}
  net::io_context& io;
  std::string text;
  std::uint64_t version = 0;
  bool over = false;
  std::set<Reader*> readers;
  std::size_t content = 0;  ///< readers that have said they have all they want
  net::steady_timer fewer;  ///< cancelled when one goes or is content
};

struct StateFeed::Reader {
  explicit Reader(std::shared_ptr<Feed> of) : feed{std::move(of)}, news{feed->io} {
    feed->readers.insert(this);
  }
  ~Reader() {
    feed->readers.erase(this);
    feed->fewer.cancel();
  }
  Reader(Reader const&) = delete;
  Reader& operator=(Reader const&) = delete;

  std::shared_ptr<Feed> feed;
  net::steady_timer news;
  std::uint64_t seen = 0;
  bool told_over = false;
};

StateFeed::StateFeed(net::io_context& io, std::function<std::string()> state)
    : state_{std::move(state)}, feed_{std::make_shared<Feed>(io)} {}

StateFeed::~StateFeed() = default;

/// The next event for this reader: the latest state, with the time by our clock for its id; a sign of life
/// where nothing changes; and in the end a word that there is no more.
net::awaitable<std::optional<std::string>> StateFeed::next_event(std::shared_ptr<Reader> reader) {
  Feed const& feed = *reader->feed;
  auto const silent_until = steady_clock::now() + silence_most;
  while (reader->seen == feed.version) {
    if (feed.over && std::exchange(reader->told_over, true)) co_return std::nullopt;
    if (feed.over) co_return "event: over\ndata: {}\n\n";
    if (steady_clock::now() >= silent_until) co_return ":\n\n";
    reader->news.expires_at(silent_until);
    co_await reader->news.async_wait(net::as_tuple(net::use_awaitable));
  }
  reader->seen = feed.version;
  auto const now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  co_return fmt::format("id: {}\ndata: {}\n\n", now.time_since_epoch().count(), feed.text);
}

http::ServerResponse StateFeed::events() {
  if (feed_->readers.size() >= readers_most)
    return refusal(503, "so many pages look on already that there is no place for another");
  refresh();
  http::ServerResponse response = answer(200, "text/event-stream", {});
  response.body = http::StreamBody{[reader = std::make_shared<Reader>(feed_)] { return next_event(reader); }};
  return response;
}

void StateFeed::tick() {
  if (!feed_->readers.empty() && steady_clock::now() - asked_ >= states_apart) refresh();
}

void StateFeed::refresh() {
  asked_ = steady_clock::now();
  std::string state = state_();
  if (state == feed_->text) return;
  feed_->text = std::move(state);
  ++feed_->version;
  wake();
}

void StateFeed::note_content() {
  ++feed_->content;
  feed_->fewer.cancel();
}

net::awaitable<void> StateFeed::farewell() {
  refresh();
  feed_->content = 0;
  auto const limit = steady_clock::now() + farewell_most;
  while (feed_->content < feed_->readers.size() && steady_clock::now() < limit) co_await fewer(limit);
}

net::awaitable<void> StateFeed::close() {
  feed_->over = true;
  wake();
  auto const limit = steady_clock::now() + closing_most;
  while (!feed_->readers.empty() && steady_clock::now() < limit) co_await fewer(limit);
}

net::awaitable<void> StateFeed::fewer(steady_clock::time_point limit) {
  feed_->fewer.expires_at(limit);
  co_await feed_->fewer.async_wait(net::as_tuple(net::use_awaitable));
}

void StateFeed::wake() {
  for (Reader* const reader : feed_->readers) reader->news.cancel();
}

}  // namespace callsheet::web
