#pragma once

#include "orchestrator/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

// web/ serves pages of our own to a browser on this machine. It knows neither ledger nor engine: what a page
// shows and does comes from a desk.
namespace callsheet::web {

/// What stands behind the review page. Called on the io_context's thread; may block on the disk.
class ReviewDesk {
 public:
  virtual ~ReviewDesk() = default;
  /// Clips, verdicts and sums, as the page's script takes them: JSON.
  [[nodiscard]] virtual std::string state() = 0;
  /// Takes a verdict, JSON as the page sends it; it is on disk on return. Errors are shown to the person.
  [[nodiscard]] virtual Result<void> rule(std::string_view verdict) = 0;
  /// The file of the n-th clip; empty: there is no such clip.
  [[nodiscard]] virtual std::optional<std::filesystem::path> clip(std::size_t number) = 0;
  /// Its stills; empty: there is none.
  [[nodiscard]] virtual std::optional<std::filesystem::path> poster(std::size_t number) = 0;
  [[nodiscard]] virtual std::optional<std::filesystem::path> filmstrip(std::size_t number) = 0;
};

/// The review page on 127.0.0.1, at an address that nobody else can guess. Who does not know its token, comes
/// under another host's name (DNS rebinding) or from another site's page gets nothing and changes nothing.
class ReviewServer {
 public:
  /// `io` and `desk` outlive it. `on_done`: the person is. Fails as http::Server does.
  [[nodiscard]] static Result<std::unique_ptr<ReviewServer>> open(boost::asio::io_context& io,
                                                                  ReviewDesk& desk, std::uint16_t port,
                                                                  std::function<void()> on_done);
  virtual ~ReviewServer() = default;
  /// "http://127.0.0.1:40123/<token>/"
  [[nodiscard]] virtual std::string address() const = 0;
  /// Ends all connections.
  virtual void stop() = 0;
};

}  // namespace callsheet::web
