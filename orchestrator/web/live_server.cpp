#include "orchestrator/web/live_server.hpp"

#include "orchestrator/web/private_site.hpp"

#include <chrono>
#include <set>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace callsheet::assets {
extern std::string_view const live_html;
extern std::string_view const live_css;
extern std::string_view const live_js;
}  // namespace callsheet::assets

namespace callsheet::web {

namespace {

namespace net = boost::asio;
using http::ServerResponse;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t readers_most = 16;
constexpr auto states_apart = 400ms;
/// A reader that has left is seen when it is written to.
constexpr auto silence_most = 5s;
/// At the end of the run: for what its pages still load, and then for their connections to close.
constexpr auto farewell_most = 2s;
constexpr auto closing_most = 500ms;

/// The latest state and who reads it. Readers may outlive the page, by as long as their connections take to
/// close.
struct Feed {
  explicit Feed(net::io_context& on) : io{on}, fewer{on} {}
  struct Reader;
  net::io_context& io;
  std::string text;
  std::uint64_t version = 0;
  bool over = false;
  std::set<Reader*> readers;
  std::size_t content = 0;  ///< readers that have said they have all they want
  net::steady_timer fewer;  ///< cancelled when one goes or is content
};

struct Feed::Reader {
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

/// The next event for this reader: the latest state, with the time by our clock for its id; a sign of life
/// where nothing changes; and in the end a word that there is no more.
net::awaitable<std::optional<std::string>> next_event(std::shared_ptr<Feed::Reader> reader) {
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

std::optional<RunOrder> order_of(std::string_view path) {
  if (path == "pause") return RunOrder::pause;
  if (path == "go-on") return RunOrder::go_on;
  if (path == "drain") return RunOrder::drain;
  if (path == "leave") return RunOrder::leave;
  return std::nullopt;
}

class LivePage final : public LiveServer {
 public:
  LivePage(net::io_context& io, LiveDesk& desk) : desk_{desk}, feed_{std::make_shared<Feed>(io)} {}

  Result<void> listen(net::io_context& io, std::uint16_t port, std::string command) {
    auto site =
        PrivateSite::open(io, port, std::move(command),
                          {.show = [this](std::string_view path) { return show(path); },
                           .act = [this](std::string_view path, std::string_view) { return act(path); }});
    if (!site) return fail(site.error());
    site_ = *std::move(site);
    return {};
  }

  [[nodiscard]] std::string address() const override { return site_->address(); }

  void tick() override {
    if (!feed_->readers.empty() && steady_clock::now() - asked_ >= states_apart) refresh();
  }

  net::awaitable<void> finish() override {
    refresh();
    feed_->content = 0;
    auto limit = steady_clock::now() + farewell_most;
    while (feed_->content < feed_->readers.size() && steady_clock::now() < limit) co_await fewer(limit);
    feed_->over = true;
    wake();
    limit = steady_clock::now() + closing_most;
    while (!feed_->readers.empty() && steady_clock::now() < limit) co_await fewer(limit);
    site_->stop();
  }

 private:
  net::awaitable<void> fewer(steady_clock::time_point limit) {
    feed_->fewer.expires_at(limit);
    co_await feed_->fewer.async_wait(net::as_tuple(net::use_awaitable));
  }

  void refresh() {
    asked_ = steady_clock::now();
    std::string state = desk_.state();
    if (state == feed_->text) return;
    feed_->text = std::move(state);
    ++feed_->version;
    wake();
  }

  void wake() {
    for (Feed::Reader* const reader : feed_->readers) reader->news.cancel();
  }

  ServerResponse show(std::string_view path) {
    if (path.empty()) return answer(200, "text/html; charset=utf-8", std::string{assets::live_html});
    if (path == "live.css") return answer(200, "text/css; charset=utf-8", std::string{assets::live_css});
    if (path == "live.js") return answer(200, "text/javascript; charset=utf-8", std::string{assets::live_js});
    if (path == "state") return answer(200, "application/json", desk_.state());
    if (path == "events") return events();
    constexpr std::string_view clips = "clip/";
    if (path.starts_with(clips))
      if (auto const file = desk_.clip(path.substr(clips.size()))) {
        ServerResponse response = answer(200, "video/mp4", {});
        response.body = http::FileBody{*file};
        return response;
      }
    return refusal(404, "there is nothing of that name");
  }

  ServerResponse events() {
    if (feed_->readers.size() >= readers_most)
      return refusal(503, "so many pages look on already that there is no place for another");
    refresh();
    ServerResponse response = answer(200, "text/event-stream", {});
    response.body =
        http::StreamBody{[reader = std::make_shared<Feed::Reader>(feed_)] { return next_event(reader); }};
    return response;
  }

  ServerResponse act(std::string_view path) {
    if (path == "content") {
      ++feed_->content;
      feed_->fewer.cancel();
      return answer(200, "application/json", "{}");
    }
    std::optional<RunOrder> const order = order_of(path);
    if (!order) return refusal(404, "there is nothing of that name");
    if (auto const done = desk_.act(*order); !done) return refusal(409, done.error().what);
    refresh();
    return answer(200, "application/json", "{}");
  }

  LiveDesk& desk_;
  std::shared_ptr<Feed> feed_;
  steady_clock::time_point asked_;
  std::unique_ptr<PrivateSite> site_;
};

}  // namespace

Result<std::unique_ptr<LiveServer>> LiveServer::open(net::io_context& io, LiveDesk& desk, std::uint16_t port,
                                                     std::string command) {
  auto page = std::make_unique<LivePage>(io, desk);
  if (auto listening = page->listen(io, port, std::move(command)); !listening) return fail(listening.error());
  return page;
}

}  // namespace callsheet::web
