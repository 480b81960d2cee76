#include "orchestrator/web/playground_server.hpp"

#include "orchestrator/web/private_site.hpp"
#include "orchestrator/web/state_feed.hpp"

#include <charconv>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace callsheet::assets {
extern std::string_view const playground_html;
extern std::string_view const playground_css;
extern std::string_view const playground_js;
}  // namespace callsheet::assets

namespace callsheet::web {

namespace {

using http::ServerResponse;

/// What stands before the next '/', which goes too; the rest stays in `path`.
std::string_view next_part(std::string_view& path) {
  std::size_t const slash = path.find('/');
  std::string_view const part = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return part;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

ServerResponse told(Result<std::string> result) {
  if (result) return answer(200, "application/json", *std::move(result));
  Error const& error = result.error();
  return refusal(409, error.mend.empty() ? error.what : fmt::format("{}; {}", error.what, error.mend));
}

class PlaygroundPage final : public PlaygroundServer {
 public:
  PlaygroundPage(boost::asio::io_context& io, PlaygroundDesk& desk)
      : desk_{desk}, feed_{io, [&desk] { return desk.state(); }} {}

  Result<void> listen(boost::asio::io_context& io, std::uint16_t port) {
    auto site = PrivateSite::open(
        io, port, "callsheet playground",
        {.show = [this](std::string_view path) { return show(path); },
         .act = [this](std::string_view path, std::string_view body) { return act(path, body); },
         .take = [this](std::string_view path, std::string_view bytes) { return take(path, bytes); }});
    if (!site) return fail(site.error());
    site_ = *std::move(site);
    return {};
  }

  [[nodiscard]] std::string address() const override { return site_->address(); }
  void tick() override { feed_.tick(); }

  boost::asio::awaitable<void> finish() override {
    feed_.refresh();
    co_await feed_.close();
    site_->stop();
  }

 private:
  ServerResponse show(std::string_view path) {
    if (path.empty()) return answer(200, "text/html; charset=utf-8", std::string{assets::playground_html});
    if (path == "playground.css")
      return answer(200, "text/css; charset=utf-8", std::string{assets::playground_css});
    if (path == "playground.js")
      return answer(200, "text/javascript; charset=utf-8", std::string{assets::playground_js});
    if (path == "catalog") return answer(200, "application/json", desk_.catalog());
    if (path == "state") return answer(200, "application/json", desk_.state());
    if (path == "events") return feed_.events();
    std::string_view const kind = next_part(path);
    if (kind == "clip")
      if (auto const file = desk_.clip(path)) return of_file("video/mp4", *file);
    if (kind == "frame")
      if (auto const frame = desk_.frame(path)) return of_file(frame->type, frame->file);
    return refusal(404, "there is nothing of that name");
  }

  static ServerResponse of_file(char const* type, std::filesystem::path file) {
    ServerResponse response = answer(200, type, {});
    response.body = http::FileBody{std::move(file)};
    return response;
  }

  ServerResponse act(std::string_view path, std::string_view body) {
    if (path == "price") return told(desk_.price(body));
    if (path != "send" && path != "go-on") return refusal(404, "there is nothing of that name");
    ServerResponse response = told(path == "send" ? desk_.send(body) : desk_.go_on(body));
    feed_.refresh();
    return response;
  }

  ServerResponse take(std::string_view path, std::string_view bytes) {
    if (next_part(path) != "frame") return refusal(404, "there is nothing of that name");
    std::string_view const upload = next_part(path);
    auto const offset = number(next_part(path));
    auto const size = number(path);
    if (!offset || !size) return refusal(404, "there is nothing of that name");
    return told(desk_.take({.upload = upload, .offset = *offset, .size = *size, .bytes = bytes}));
  }

  PlaygroundDesk& desk_;
  StateFeed feed_;
  std::unique_ptr<PrivateSite> site_;
};

}  // namespace

Result<std::unique_ptr<PlaygroundServer>> PlaygroundServer::open(boost::asio::io_context& io,
                                                                 PlaygroundDesk& desk, std::uint16_t port) {
  auto page = std::make_unique<PlaygroundPage>(io, desk);
  if (auto listening = page->listen(io, port); !listening) return fail(listening.error());
  return page;
}

}  // namespace callsheet::web
