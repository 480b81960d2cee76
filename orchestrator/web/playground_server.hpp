#pragma once

#include "orchestrator/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace callsheet::web {

/// A piece of a picture on its way up: pictures are larger than what one request may bring.
struct FramePiece {
  std::string_view upload;   ///< what the page calls it: hex digits
  std::uint64_t offset = 0;  ///< of the piece's first byte
  std::uint64_t size = 0;    ///< of the whole picture
  std::string_view bytes;
};

/// A picture that came up whole, and its media type.
struct Frame {
  std::filesystem::path file;
  char const* type = "";
};

/// What stands behind the playground. Called on the io_context's thread; may block on the disk. All texts are
/// JSON as the page's script takes and sends it; errors are shown to the person.
class PlaygroundDesk {
 public:
  virtual ~PlaygroundDesk() = default;
  /// What the form is built from; never changes.
  [[nodiscard]] virtual std::string catalog() = 0;
  /// What was sent and how it stands, without line ends; the same text while nothing has changed.
  [[nodiscard]] virtual std::string state() = 0;
  /// What the form's clip would cost, by which model, or why it cannot be made. Spends nothing.
  [[nodiscard]] virtual Result<std::string> price(std::string_view form) = 0;
  /// Has the form's clip made, for no more than the price that the person was shown.
  [[nodiscard]] virtual Result<std::string> send(std::string_view order) = 0;
  /// Goes on with what was interrupted.
  [[nodiscard]] virtual Result<std::string> go_on(std::string_view order) = 0;
  /// With the last piece: looks at what it is, and tells.
  [[nodiscard]] virtual Result<std::string> take(FramePiece const& piece) = 0;
  [[nodiscard]] virtual std::optional<Frame> frame(std::string_view id) = 0;
  [[nodiscard]] virtual std::optional<std::filesystem::path> clip(std::string_view id) = 0;
};

/// The playground's page on 127.0.0.1, as private as PrivateSite makes it.
class PlaygroundServer {
 public:
  /// `io` and `desk` outlive it. Fails as http::Server does.
  [[nodiscard]] static Result<std::unique_ptr<PlaygroundServer>> open(boost::asio::io_context& io,
                                                                      PlaygroundDesk& desk,
                                                                      std::uint16_t port);
  virtual ~PlaygroundServer() = default;
  /// "http://127.0.0.1:40123/<token>/"
  [[nodiscard]] virtual std::string address() const = 0;
  /// Time has passed: the desk is asked anew if anybody looks on.
  virtual void tick() = 0;
  /// Tells the pages that there is no more, and ends all connections.
  [[nodiscard]] virtual boost::asio::awaitable<void> finish() = 0;
};

}  // namespace callsheet::web
