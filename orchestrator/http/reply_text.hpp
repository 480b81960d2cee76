#pragma once

#include "orchestrator/http/server.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// How the server puts an answer's head and its byte range into text. Pure; used by server.cpp only.
namespace callsheet::http {

/// What of the request bears on how its answer is sent.
struct SentWith {
  bool head_only = false;
  bool keep_alive = true;
  std::string range;     ///< header Range, empty: none
  std::string if_range;  ///< header If-Range, empty: none
};

/// An answer's head and the part of the body that follows it.
struct Head {
  std::string text;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
enum class RangeKind { whole, part, unsatisfiable };
struct AskedRange {
  RangeKind kind = RangeKind::whole;
  ByteRange range;
};

/// RFC 9110 section 14: one range of bytes; anything malformed, or several ranges, means the whole body.
[[nodiscard]] AskedRange read_range(std::string_view header, std::uint64_t size);

[[nodiscard]] Head plain_head(ServerResponse const& response, SentWith const& with, std::uint64_t size);
/// As plain_head, and honours Range: 206 with the part, or 416.
[[nodiscard]] Head ranged_head(ServerResponse const& response, SentWith const& with, std::uint64_t size);

/// Of a body that ends with the connection.
[[nodiscard]] Head stream_head(ServerResponse const& response);

std::string_view reason_of(int status);
std::string text_of(std::optional<std::string_view> value);

}  // namespace callsheet::http
