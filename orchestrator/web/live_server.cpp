#include "orchestrator/web/live_server.hpp"

#include "orchestrator/web/private_site.hpp"
#include "orchestrator/web/state_feed.hpp"

#include <utility>

namespace callsheet::assets {
extern std::string_view const live_html;
extern std::string_view const live_css;
extern std::string_view const live_js;
}  // namespace callsheet::assets

namespace callsheet::web {

namespace {

namespace net = boost::asio;
using http::ServerResponse;

std::optional<RunOrder> order_of(std::string_view path) {
  if (path == "pause") return RunOrder::pause;
  if (path == "go-on") return RunOrder::go_on;
  if (path == "drain") return RunOrder::drain;
  if (path == "leave") return RunOrder::leave;
  return std::nullopt;
}

class LivePage final : public LiveServer {
 public:
  LivePage(net::io_context& io, LiveDesk& desk) : desk_{desk}, feed_{io, [&desk] { return desk.state(); }} {}

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

  void tick() override { feed_.tick(); }

  net::awaitable<void> finish() override {
    co_await feed_.farewell();
    co_await feed_.close();
    site_->stop();
  }

 private:
  ServerResponse show(std::string_view path) {
    if (path.empty()) return answer(200, "text/html; charset=utf-8", std::string{assets::live_html});
    if (path == "live.css") return answer(200, "text/css; charset=utf-8", std::string{assets::live_css});
    if (path == "live.js") return answer(200, "text/javascript; charset=utf-8", std::string{assets::live_js});
    if (path == "state") return answer(200, "application/json", desk_.state());
    if (path == "events") return feed_.events();
    constexpr std::string_view clips = "clip/";
    if (path.starts_with(clips))
      if (auto const file = desk_.clip(path.substr(clips.size()))) {
        ServerResponse response = answer(200, "video/mp4", {});
        response.body = http::FileBody{*file};
        return response;
      }
    return refusal(404, "there is nothing of that name");
  }

  ServerResponse act(std::string_view path) {
    if (path == "content") {
      feed_.note_content();
      return answer(200, "application/json", "{}");
    }
    std::optional<RunOrder> const order = order_of(path);
    if (!order) return refusal(404, "there is nothing of that name");
    if (auto const done = desk_.act(*order); !done) return refusal(409, done.error().what);
    feed_.refresh();
    return answer(200, "application/json", "{}");
  }

  LiveDesk& desk_;
  StateFeed feed_;
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
