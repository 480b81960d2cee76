#include "orchestrator/web/review_server.hpp"

#include "orchestrator/core/digest.hpp"
#include "orchestrator/http/server.hpp"

#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace callsheet::assets {
extern std::string_view const review_html;
extern std::string_view const review_css;
extern std::string_view const review_js;
}  // namespace callsheet::assets

namespace callsheet::web {

namespace {

using http::ServerRequest;
using http::ServerResponse;

/// Scripts and styles are the page's own files; what others wrote reaches the page as data and is shown as
/// text.
constexpr char const* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string header(ServerRequest const& request, std::string_view name) {
  auto const value = http::find_header(request.headers, name);
  return value ? std::string{*value} : std::string{};
}

/// In a time that does not tell how much of it is right.
bool same(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned char differs = 0;
  for (std::size_t i = 0; i < one.size(); ++i) differs |= static_cast<unsigned char>(one[i] ^ other[i]);
  return differs == 0;
}

ServerResponse answer(int status, char const* type, std::string body) {
  ServerResponse response{.status = status, .headers = {}, .body = std::move(body)};
  response.headers = {{"Content-Type", type},
                      {"Content-Security-Policy", policy},
                      {"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Cross-Origin-Resource-Policy", "same-origin"}};
  return response;
}

ServerResponse refusal(int status, std::string why) {
  return answer(status, "text/plain; charset=utf-8", std::move(why) + "\n");
}

class Page final : public ReviewServer {
 public:
  Page(ReviewDesk& desk, std::function<void()> on_done) : desk_{desk}, on_done_{std::move(on_done)} {}

  Result<void> listen(boost::asio::io_context& io, std::uint16_t port) {
    http::ServerOptions options;
    options.port = port;
    options.connections_max = 64;
    auto server = http::Server::listen(
        io, std::move(options), [this](ServerRequest request) -> boost::asio::awaitable<ServerResponse> {
          co_return handle(request);
        });
    if (!server) return fail(server.error());
    server_ = *std::move(server);
    return {};
  }

  [[nodiscard]] std::string address() const override {
    return fmt::format("http://127.0.0.1:{}/{}/", server_->port(), token_);
  }
  void stop() override { server_->stop(); }

 private:
  [[nodiscard]] bool is_us(std::string_view host) const {
    return host == fmt::format("127.0.0.1:{}", server_->port()) ||
           host == fmt::format("localhost:{}", server_->port());
  }

  ServerResponse handle(ServerRequest const& request) {
    if (!is_us(header(request, "Host"))) return refusal(403, "this page is at 127.0.0.1 only");
    std::string_view path = http::path_of(request.target);
    if (path.size() < token_.size() + 2 || path.front() != '/' ||
        !same(path.substr(1, token_.size()), token_) || path[token_.size() + 1] != '/')
      return refusal(404, "there is no such page: open the address that `callsheet review` printed");
    path.remove_prefix(token_.size() + 2);
    if (request.method == "GET" || request.method == "HEAD") return show(path);
    if (request.method != "POST") return refusal(405, "only GET and POST are known");
    // Another site's page may make a browser send; it cannot make it lie about where that comes from.
    std::string const origin = header(request, "Origin");
    if (!origin.starts_with("http://") || !is_us(std::string_view{origin}.substr(7)) ||
        header(request, "Content-Type") != "application/json")
      return refusal(403, "only the review page itself may change verdicts");
    return act(path, request.body);
  }

  ServerResponse show(std::string_view path) {
    if (path.empty()) return answer(200, "text/html; charset=utf-8", std::string{assets::review_html});
    if (path == "review.css") return answer(200, "text/css; charset=utf-8", std::string{assets::review_css});
    if (path == "review.js")
      return answer(200, "text/javascript; charset=utf-8", std::string{assets::review_js});
    if (path == "state") return answer(200, "application/json", desk_.state());
    constexpr std::string_view clips = "clip/";
    std::size_t number = 0;
    if (path.starts_with(clips)) {
      path.remove_prefix(clips.size());
      auto const [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
      auto const file =
          error == std::errc{} && end == path.data() + path.size() ? desk_.clip(number) : std::nullopt;
      if (file) {
        ServerResponse response = answer(200, "video/mp4", {});
        response.body = http::FileBody{*file};
        return response;
      }
    }
    return refusal(404, "there is nothing of that name");
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
  std::string token_ = random_hex(16);
  std::unique_ptr<http::Server> server_;
};

}  // namespace

Result<std::unique_ptr<ReviewServer>> ReviewServer::open(boost::asio::io_context& io, ReviewDesk& desk,
                                                         std::uint16_t port, std::function<void()> on_done) {
  auto page = std::make_unique<Page>(desk, std::move(on_done));
  if (auto listening = page->listen(io, port); !listening) return fail(listening.error());
  return page;
}

}  // namespace callsheet::web
