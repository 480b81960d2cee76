#pragma once

#include "orchestrator/core/result.hpp"
#include "orchestrator/http/server.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

namespace callsheet::web {

/// With the headers that all answers of our pages have: nothing is kept, framed, guessed or sent elsewhere,
/// and scripts and styles are the page's own files.
[[nodiscard]] http::ServerResponse answer(int status, char const* type, std::string body);
/// In plain words, for the person.
[[nodiscard]] http::ServerResponse refusal(int status, std::string why);

/// Pages of our own at 127.0.0.1, at an address that nobody else can guess. Who does not know its token,
/// comes under another host's name (DNS rebinding) or from another site's page gets nothing and changes
/// nothing.
class PrivateSite {
 public:
  /// `path`: what follows the token; empty: the page itself.
  struct Pages {
    std::function<http::ServerResponse(std::string_view path)> show;  ///< GET and HEAD
    /// POST of JSON that the page itself has sent, with the token in a header of its own.
    std::function<http::ServerResponse(std::string_view path, std::string_view body)> act;
    /// The same for bytes (application/octet-stream); empty: none are taken.
    std::function<http::ServerResponse(std::string_view path, std::string_view bytes)> take = {};
  };
  /// `command`: what printed the address, for whoever comes without it. Fails as http::Server does.
  [[nodiscard]] static Result<std::unique_ptr<PrivateSite>> open(boost::asio::io_context& io,
                                                                 std::uint16_t port, std::string command,
                                                                 Pages pages);

  /// "http://127.0.0.1:40123/<token>/"
  [[nodiscard]] std::string address() const;
  /// Ends all connections.
  void stop() { server_->stop(); }

 private:
  PrivateSite(std::string command, Pages pages);
  [[nodiscard]] bool is_us(std::string_view host) const;
  [[nodiscard]] http::ServerResponse handle(http::ServerRequest const& request) const;

  std::string command_;
  Pages pages_;
  std::string token_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace callsheet::web
