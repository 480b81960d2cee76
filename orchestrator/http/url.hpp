#pragma once

#include "orchestrator/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace callsheet::http {

enum class Scheme { http, https };

/// An absolute http or https address, split. The host has no brackets; the target begins with '/'.
struct Url {
  Scheme scheme = Scheme::https;
  std::string host;
  std::uint16_t port = 443;
  std::string target = "/";
};

/// At most 2,048 characters, no user part, no control characters or spaces; the fragment is dropped. Fails
/// with Code::bad_answer, naming no more of the text than is safe to show.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

/// "https://host", with the port where it is not the scheme's own: what two addresses share when they are of
/// one origin.
std::string origin_of(Url const& url);

/// "host", with the port where it is not the scheme's own.
void append_authority(Url const& url, std::string& text);

std::string to_string(Url const& url);

/// Where a redirect leads: a whole address, or a path at the origin that sent it. Fails as parse_url().
[[nodiscard]] Result<Url> resolve(Url const& from, std::string_view location);

}  // namespace callsheet::http
