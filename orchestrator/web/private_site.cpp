#include "orchestrator/web/private_site.hpp"

#include "orchestrator/core/digest.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace callsheet::web {

namespace {

using http::ServerRequest;
using http::ServerResponse;

constexpr std::size_t token_bytes = 16;
constexpr std::size_t connections_most = 128;
/// A browser takes up anew what was closed on it; what stands idle must not keep others out.
constexpr std::chrono::seconds idle_most{10};
constexpr char const* token_header = "X-Callsheet-Token";
/// Neither is a type that a form or another site's script may send without being asked for leave first.
constexpr std::string_view json_type = "application/json";
constexpr std::string_view bytes_type = "application/octet-stream";

/// Scripts and styles are the page's own files; what others wrote reaches the page as data and is shown as
/// text.
constexpr char const* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; img-src 'self' data:; "
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

/// Whoever is not the page gets no connection to keep.
ServerResponse turned_away(int status, std::string why) {
  ServerResponse response = refusal(status, std::move(why));
  response.sending = http::Sending::last;
  return response;
}

}  // namespace

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

PrivateSite::PrivateSite(std::string command, Pages pages)
    : command_{std::move(command)}, pages_{std::move(pages)}, token_{random_hex(token_bytes)} {}

Result<std::unique_ptr<PrivateSite>> PrivateSite::open(boost::asio::io_context& io, std::uint16_t port,
                                                       std::string command, Pages pages) {
  std::unique_ptr<PrivateSite> site{new PrivateSite{std::move(command), std::move(pages)}};
  http::ServerOptions options;
  options.port = port;
  options.connections_max = connections_most;
  options.idle_time_out = idle_most;
  auto server = http::Server::listen(
      io, std::move(options),
      [self = site.get()](ServerRequest request) -> boost::asio::awaitable<ServerResponse> {
        co_return self->handle(request);
      });
  if (!server) return fail(server.error());
  site->server_ = *std::move(server);
  return site;
}

std::string PrivateSite::address() const {
  return fmt::format("http://127.0.0.1:{}/{}/", server_->port(), token_);
}

bool PrivateSite::is_us(std::string_view host) const {
  return host == fmt::format("127.0.0.1:{}", server_->port()) ||
         host == fmt::format("localhost:{}", server_->port());
}

ServerResponse PrivateSite::handle(ServerRequest const& request) const {
  if (!is_us(header(request, "Host"))) return turned_away(403, "this page is at 127.0.0.1 only");
  std::string_view path = http::path_of(request.target);
  if (path.size() < token_.size() + 2 || path.front() != '/' ||
      !same(path.substr(1, token_.size()), token_) || path[token_.size() + 1] != '/')
    return turned_away(404,
                       fmt::format("there is no such page: open the address that `{}` printed", command_));
  path.remove_prefix(token_.size() + 2);
  if (request.method == "GET" || request.method == "HEAD") return pages_.show(path);
  if (request.method != "POST") return turned_away(405, "only GET and POST are known");
  // Another site's page may make a browser send; it cannot make it lie about where that comes from, and it
  // may not add headers of its own.
  std::string const origin = header(request, "Origin");
  std::string const type = header(request, "Content-Type");
  bool const is_bytes = type == bytes_type && pages_.take;
  if (!origin.starts_with("http://") || !is_us(std::string_view{origin}.substr(7)) ||
      (type != json_type && !is_bytes) || !same(header(request, token_header), token_))
    return turned_away(403, "only the page itself may change anything");
  return is_bytes ? pages_.take(path, request.body) : pages_.act(path, request.body);
}

}  // namespace callsheet::web
