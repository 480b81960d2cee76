#include "orchestrator/web/review_server.hpp"

#include "orchestrator/web/private_site.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace callsheet::assets {
extern std::string_view const review_html;
extern std::string_view const review_css;
extern std::string_view const review_js;
}  // namespace callsheet::assets

namespace callsheet::web {

namespace {

using http::ServerResponse;

class Page final : public ReviewServer {
 public:
  Page(ReviewDesk& desk, std::function<void()> on_done) : desk_{desk}, on_done_{std::move(on_done)} {}

  Result<void> listen(boost::asio::io_context& io, std::uint16_t port) {
    auto site = PrivateSite::open(
        io, port, "callsheet review",
        {.show = [this](std::string_view path) { return show(path); },
         .act = [this](std::string_view path, std::string_view body) { return act(path, body); }});
    if (!site) return fail(site.error());
    site_ = *std::move(site);
    return {};
  }

  [[nodiscard]] std::string address() const override { return site_->address(); }
  void stop() override { site_->stop(); }

 private:
  ServerResponse show(std::string_view path) {
    if (path.empty()) return answer(200, "text/html; charset=utf-8", std::string{assets::review_html});
    if (path == "review.css") return answer(200, "text/css; charset=utf-8", std::string{assets::review_css});
    if (path == "review.js")
      return answer(200, "text/javascript; charset=utf-8", std::string{assets::review_js});
    if (path == "state") return answer(200, "application/json", desk_.state());
    struct Kind {
      std::string_view folder;
      std::optional<std::filesystem::path> (ReviewDesk::*file)(std::size_t number);
      char const* type;
    };
    for (Kind const& kind :
         {Kind{"clip/", &ReviewDesk::clip, "video/mp4"}, Kind{"poster/", &ReviewDesk::poster, "image/jpeg"},
          Kind{"filmstrip/", &ReviewDesk::filmstrip, "image/jpeg"}}) {
      if (!path.starts_with(kind.folder)) continue;
      auto const number = number_in(path.substr(kind.folder.size()));
      auto const file = number ? (desk_.*kind.file)(*number) : std::nullopt;
      if (!file) break;
      ServerResponse response = answer(200, kind.type, {});
      response.body = http::FileBody{*file};
      return response;
    }
    return refusal(404, "there is nothing of that name");
  }

  static std::optional<std::size_t> number_in(std::string_view text) {
    std::size_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
  }

  ServerResponse act(std::string_view path, std::string_view body) {
    if (path == "verdict") {
      auto const ruled = desk_.rule(body);
      return ruled ? answer(200, "application/json", desk_.state()) : refusal(409, ruled.error().what);
    }
    if (path == "done") {
      on_done_();
      return answer(200, "application/json", "{}");
    }
    return refusal(404, "there is nothing of that name");
  }

  ReviewDesk& desk_;
  std::function<void()> on_done_;
  std::unique_ptr<PrivateSite> site_;
};

}  // namespace

Result<std::unique_ptr<ReviewServer>> ReviewServer::open(boost::asio::io_context& io, ReviewDesk& desk,
                                                         std::uint16_t port, std::function<void()> on_done) {
  auto page = std::make_unique<Page>(desk, std::move(on_done));
  if (auto listening = page->listen(io, port); !listening) return fail(listening.error());
  return page;
}

}  // namespace callsheet::web
