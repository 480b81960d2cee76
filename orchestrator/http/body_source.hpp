#pragma once

#include "orchestrator/core/result.hpp"

#include <cstdint>
#include <string_view>

#include <boost/asio/awaitable.hpp>

namespace callsheet::http {

/// The body of a request that is made while it is sent, so that it need not fit into memory. One exchange at
/// a time.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Of the whole body, never 0: it is promised before the first byte leaves.
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;
  /// Called before each sending: what was not sent whole may be sent anew over another connection.
  virtual void rewind() = 0;
  /// The bytes that follow, never none; they stand until the next call. Not called once all have come. An
  /// error ends the exchange with it, and the other side never has a whole request.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::string_view>> next() = 0;
};

}  // namespace callsheet::http
