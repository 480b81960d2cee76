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

/// What a person asks of a run on its page.
enum class RunOrder { pause, go_on, drain, leave };

/// What stands behind the live page. Called on the io_context's thread, which may be the run's: nothing here
/// may take long.
class LiveDesk {
 public:
  virtual ~LiveDesk() = default;
  /// How the run stands, as the page's script takes it: JSON without line ends, of bounded size. The same
  /// text while nothing has changed.
  [[nodiscard]] virtual std::string state() = 0;
  /// Carries an order out. Errors are shown to the person.
  [[nodiscard]] virtual Result<void> act(RunOrder order) = 0;
  /// The file of a finished clip, by the name that state() gives it; empty: there is none.
  [[nodiscard]] virtual std::optional<std::filesystem::path> clip(std::string_view name) = 0;
};

/// The live page of a run on 127.0.0.1, as private as PrivateSite makes it. States go out as server-sent
/// events, whole, a few a second at most: each reader is given the latest when it has taken the one before,
/// so that nothing piles up for one that is slow.
class LiveServer {
 public:
  /// `io` and `desk` outlive it. `command`: what prints its address. Fails as http::Server does.
  [[nodiscard]] static Result<std::unique_ptr<LiveServer>> open(boost::asio::io_context& io, LiveDesk& desk,
                                                                std::uint16_t port, std::string command);
  virtual ~LiveServer() = default;
  /// "http://127.0.0.1:40123/<token>/"
  [[nodiscard]] virtual std::string address() const = 0;
  /// Time has passed: the desk is asked anew if anybody looks on and the last time is long enough ago.
  virtual void tick() = 0;
  /// Hands the readers the last state and ends: returns when they have it, and the clips that they show, or
  /// after a few seconds.
  [[nodiscard]] virtual boost::asio::awaitable<void> finish() = 0;
};

}  // namespace callsheet::web
